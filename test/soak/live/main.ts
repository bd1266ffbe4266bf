import { parseArgs } from 'node:util';
import { printTable } from '../../../bench/support/table.ts';
import { liveSoak } from './live-soak.ts';
import { findings, holds, type LiveSample } from './verdict.ts';

const help = `npm run soak:live -- [--minutes 60] [--command serve|mock] [--width 256] [--height 256] [--fps 24] [--frames 48]

An endless live stream of serve's embedded network (or of mock) in <fastvideo-player live continuous> of a headless
Chromium, whose prompt changes every 7 s. Prints what was measured each half minute, and what must hold at the end: the live
edge and the play head behind it do not drift, the play head never goes back, and nothing grows.`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    command: { type: 'string', default: 'serve' },
    width: { type: 'string', default: '256' },
    height: { type: 'string', default: '256' },
    fps: { type: 'string', default: '24' },
    frames: { type: 'string', default: '48' },
    help: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const secondsPerSample = 30;
const columns: readonly (keyof LiveSample)[] = [
  ...([
    'minute',
    'lateMs',
    'edge',
    'head',
    'latency',
    'leastLatency',
    'mostLatency',
    'bufferedRanges',
  ] as const),
  ...(['bufferedSeconds', 'wentBack', 'stops', 'jumps', 'gaps', 'errors', 'segments', 'steered'] as const),
  ...(['entries', 'serverMiB', 'workersMiB', 'rendererMiB', 'heapMiB', 'nodes', 'listeners'] as const),
];

if (values.help) console.log(help);
else {
  console.log(columns.join(' '));
  const samples = await liveSoak({
    command: values.command === 'mock' ? 'mock' : 'serve',
    width: Number(values.width),
    height: Number(values.height),
    fps: Number(values.fps),
    frames: Number(values.frames),
    secondsPerSample,
    isDone: (samples) => (samples.at(-1)?.minute ?? 0) >= minutes,
    secondsPerPrompt: 7,
    onSample: (sample) => console.log(columns.map((name) => sample[name].toFixed(2)).join(' ')),
  });
  const all = findings(samples);
  printTable(
    `What must hold, over ${minutes} minutes`,
    ['what', 'measured', 'at most', 'unit', 'holds'],
    all.map((one) => [one.what, one.measured, one.bound, one.unit, holds(one) ? 'yes' : 'NO']),
  );
  const last = samples.at(-1);
  const lateMs = Math.max(...samples.map((sample) => sample.lateMs));
  console.log(
    `  ${last?.segments} segments, ${last?.steered} changes shown, ${last?.stops} waits for media, ${last?.jumps} jumps; this process was ${lateMs.toFixed(0)} ms late at most`,
  );
  if (!all.every(holds)) process.exitCode = 1;
}
