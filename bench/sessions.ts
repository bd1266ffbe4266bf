import { startServer } from '../test/support/server-process.ts';
import { sampling } from './segments.ts';
import { NativeClient } from './support/native-client.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const segmentsEach = 3;

/** Many sessions at once on one mock server. */
export async function benchSessions(): Promise<void> {
  await using server = await startServer({ command: 'mock', args: sampling(256, 256, 24) });
  const rows = [];
  for (const sessions of [1, 8, 32, 64]) {
    const startedAt = performance.now();
    const done = await Promise.all(
      Array.from({ length: sessions }, (_, index) => runSession(server.url, index)),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const times = done.flat();
    rows.push([
      `${sessions} sessions`,
      `${times.length} of ${sessions * segmentsEach}`,
      times.length / seconds,
      median(times.map(({ firstMediaMs }) => firstMediaMs)),
      median(times.map(({ completeMs }) => completeMs)),
    ]);
  }
  printTable(
    'Sessions at once, mock generator, 256x256, 24 frames with sound',
    ['at once', 'completed', 'segments/s', 'first media ms', 'complete ms'],
    rows,
  );
}

async function runSession(url: string, index: number) {
  const client = await NativeClient.connect(url);
  const times = [];
  for (let segment = 0; segment < segmentsEach; segment += 1) {
    times.push(await client.segment(`session ${index}, segment ${segment}`));
  }
  await client.close();
  return times;
}
