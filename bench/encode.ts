import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundledFfmpeg, systemFfmpeg } from '../src/core/media/ffmpeg/binary.ts';
import { repositoryRoot } from '../test/support/server-process.ts';
import { bareArguments, installedFfmpeg } from './peer/bare-ffmpeg.ts';
import { medianCost } from './peer/figures.ts';
import { inTurn } from './peer/in-turn.ts';
import { printTable } from './support/table.ts';
import { type Cost, timedRun } from './support/timed-run.ts';

const [width, height, fps] = [1280, 720, 24];
/** The longer one shows the rate without the start of Node. */
const lengths = [
  { frames: 121, runs: 7 },
  { frames: 484, runs: 5 },
];

interface Run {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

/** `fastvideo encode` with either backend, and bare ffmpeg, in turn over the same raw frames: from a file and from a pipe. */
export async function benchEncode(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-bench-'));
  try {
    const rows = [];
    for (const { frames, runs } of lengths) {
      const raw = join(directory, 'frames.rgb');
      await makeFrames(raw, frames);
      for (const input of ['file', 'pipe'] as const) {
        const commands = programs().map((run) => (input === 'file' ? run : piped(run)));
        const costs = await measure(commands, runs, raw, join(directory, 'out.mp4'));
        const bare = costs[0];
        if (!bare) throw new Error('Bare ffmpeg was not measured.');
        for (const [at, { wallMs, cpuMs }] of costs.entries()) {
          const name = `${frames} frames, ${input}: ${commands[at]?.name}`;
          rows.push([name, wallMs, wallMs / bare.wallMs, cpuMs, cpuMs / bare.cpuMs]);
        }
      }
    }
    printTable(
      `encode, ${width}x${height}, a moving picture (medians, the start of Node included; of a pipe the writer too)`,
      ['run', 'wall ms', 'of bare', 'CPU ms', 'of bare'],
      rows,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}

function programs(): Run[] {
  const bin = join(repositoryRoot, 'bin/fastvideo.js');
  const cli = [bin, 'encode', '--size', `${width}x${height}`, '--fps', `${fps}`];
  const ours = (name: string, ...more: readonly string[]): Run => {
    return { name, program: process.execPath, args: [...cli, ...more] };
  };
  return [
    { name: 'bare ffmpeg', program: installedFfmpeg(), args: bareArguments(width, height, fps) },
    ours('fastvideo encode'),
    ours('fastvideo encode --backend ffmpeg', '--backend', 'ffmpeg'),
  ];
}

function piped({ name, program, args }: Run): Run {
  return { name, program: 'sh', args: ['-c', 'cat | "$0" "$@"', program, ...args] };
}

async function measure(commands: readonly Run[], runs: number, raw: string, output: string): Promise<Cost[]> {
  const costs = commands.map((): Cost[] => []);
  await inTurn(
    runs,
    commands.map(({ program, args }, at) => async () => {
      costs[at]?.push(await timedRun(program, args, raw, output));
    }),
  );
  return costs.map(medianCost);
}

/** RGB24 frames of 1280x720, a moving picture, in a file. */
export async function makeFrames(path: string, frames: number): Promise<void> {
  const source = `testsrc2=s=${width}x${height}:r=${fps}`;
  const args = [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    source,
    '-frames:v',
    `${frames}`,
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    path,
  ];
  const [code] = await once(
    spawn(systemFfmpeg() ?? bundledFfmpeg() ?? 'ffmpeg', args, { stdio: 'inherit' }),
    'exit',
  );
  if (code !== 0) throw new Error(`ffmpeg could not make the frames: code ${code}`);
}
