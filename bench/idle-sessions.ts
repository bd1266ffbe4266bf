import { startServer } from '../test/support/server-process.ts';
import { sampling } from './segments.ts';
import { NativeClient } from './support/native-client.ts';
import { rssKiB } from './support/process-cost.ts';
import { printTable } from './support/table.ts';

const sessions = 1000;
const together = 20;

/** What a session costs that is open and does nothing. */
export async function benchIdleSessions(): Promise<void> {
  const rows = [];
  for (const segments of [0, 1]) {
    await using server = await startServer({
      command: 'mock',
      args: [
        ...sampling(128, 96, 12),
        ...['--streaming.max_sessions', '2000', '--server.max_connections', '2000'],
      ],
    });
    // What the first sessions bring into memory stays: code, buffers, an encoder that is kept ready.
    await open(server.url, 300, segments);
    await settle();
    const before = rssKiB(server.pid);
    await open(server.url, sessions, segments);
    await settle();
    const after = rssKiB(server.pid);
    rows.push([
      segments === 0 ? 'opened' : 'after a segment each',
      before / 1024,
      after / 1024,
      (after - before) / sessions,
    ]);
  }
  printTable(
    `Memory of ${sessions} idle sessions (mock, memory store)`,
    ['sessions', 'RSS before MiB', 'RSS after MiB', 'KiB a session'],
    rows,
  );
}

async function open(url: string, count: number, segments: number): Promise<void> {
  for (let opened = 0; opened < count; opened += together) {
    const size = Math.min(together, count - opened);
    const clients = await Promise.all(Array.from({ length: size }, () => NativeClient.connect(url)));
    for (let segment = 0; segment < segments; segment += 1) {
      await Promise.all(clients.map((client) => client.segment('idle')));
    }
  }
}

/** Until what is only on its way has gone. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5000));
}
