import { startServer } from '../test/support/server-process.ts';
import { NativeClient } from './support/native-client.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const sizes = [
  { width: 256, height: 256, frames: 24, runs: 15 },
  { width: 640, height: 352, frames: 120, runs: 9 },
  { width: 1920, height: 1088, frames: 121, runs: 5 },
];

/** Prompt to first media fragment and to segment complete, over a WebSocket on loopback. */
export async function benchSegments(): Promise<void> {
  const rows = [];
  for (const { width, height, frames, runs } of sizes) {
    await using server = await startServer({
      command: 'mock',
      args: sampling(width, height, frames),
    });
    const client = await NativeClient.connect(server.url);
    await client.segment('warm-up');
    const times = [];
    for (let run = 0; run < runs; run += 1) times.push(await client.segment(`run ${run}`));
    await client.close();
    const first = median(times.map(({ firstMediaMs }) => firstMediaMs));
    const complete = median(times.map(({ completeMs }) => completeMs));
    rows.push([`${width}x${height}, ${frames} frames`, first, complete]);
  }
  printTable(
    'Prompt to media, mock generator, one session, with sound (median ms)',
    ['size', 'first media', 'complete'],
    rows,
  );
}

export function sampling(width: number, height: number, frames: number): string[] {
  const key = '--default_request.sampling';
  return [
    `${key}.width=${width}`,
    `${key}.height=${height}`,
    `${key}.num_frames=${frames}`,
    '--streaming.generation_segment_cap=1000000',
  ];
}
