import { startServer } from '../test/support/server-process.ts';
import { sampling } from './segments.ts';
import { isStall, type Round, runRound } from './support/round.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const backends = ['libav', 'ffmpeg'] as const;
const cases = [
  { width: 256, height: 256, frames: 24, sessions: 1, rounds: 8, each: 4 },
  { width: 256, height: 256, frames: 24, sessions: 4, rounds: 6, each: 3 },
  { width: 256, height: 256, frames: 24, sessions: 64, rounds: 2, each: 2 },
  { width: 640, height: 352, frames: 120, sessions: 1, rounds: 5, each: 2 },
  { width: 1920, height: 1088, frames: 121, sessions: 1, rounds: 3, each: 1 },
];
const stallMs = 60_000;

/** The two encoders behind `mock`, in turn, in one run: what a segment with sound takes with each. */
export async function benchBackends(): Promise<void> {
  const rows = [];
  for (const { width, height, frames, sessions, rounds, each } of cases) {
    const servers = await Promise.all(
      backends.map(async (backend) => {
        const args = [...sampling(width, height, frames), `--streaming.encoder.backend=${backend}`];
        return await startServer({ command: 'mock', args });
      }),
    );
    const done: Round[][] = backends.map(() => []);
    for (let round = -1; round < rounds; round += 1) {
      for (const [at, server] of servers.entries()) {
        const result = await runRound(server, sessions, each, stallMs);
        if (isStall(result)) throw new Error(`The server said nothing for ${stallMs} ms.`);
        // The first one warms up.
        if (round >= 0) done[at]?.push(result);
      }
    }
    for (const server of servers) await server.stop();
    const [libav, ffmpeg] = done.map(summary);
    if (!libav || !ffmpeg) throw new Error('A backend was not measured.');
    rows.push([
      `${width}x${height}, ${frames} frames, ${sessions} at once`,
      ...[libav.cpuMs, ffmpeg.cpuMs, libav.cpuMs / ffmpeg.cpuMs],
      ...[libav.firstMs, ffmpeg.firstMs],
      ...[libav.perSecond, ffmpeg.perSecond, libav.perSecond / ffmpeg.perSecond],
    ]);
  }
  printTable(
    'The encoders behind mock, in turn, with sound: medians of rounds (CPU of the server with its children)',
    [
      'size',
      ...['libav CPU ms', 'ffmpeg CPU ms', 'ratio'],
      ...['libav first ms', 'ffmpeg first ms'],
      ...['libav segments/s', 'ffmpeg segments/s', 'ratio'],
    ],
    rows,
  );
}

function summary(rounds: readonly Round[]): { cpuMs: number; perSecond: number; firstMs: number } {
  return {
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    firstMs: median(rounds.flatMap(({ times }) => times.map(({ firstMediaMs }) => firstMediaMs))),
  };
}
