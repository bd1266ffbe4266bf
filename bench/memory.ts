import { readdirSync, readFileSync } from 'node:fs';
import { startServer } from '../test/support/server-process.ts';
import { sampling } from './segments.ts';
import { NativeClient } from './support/native-client.ts';
import { printTable } from './support/table.ts';

/** A thousand segments through one server: memory, descriptors and children after 100 and after 1,000. */
export async function benchMemory(): Promise<void> {
  const rows = [];
  for (const command of ['mock', 'serve'] as const) {
    await using server = await startServer({ command, args: sampling(128, 96, 12) });
    let made = 0;
    for (const target of [100, 500, 1000]) {
      while (made < target) {
        const client = await NativeClient.connect(server.url);
        for (let segment = 0; segment < 20; segment += 1) await client.segment(`segment ${made + segment}`);
        made += 20;
        await client.close();
      }
      const pids = [
        server.pid,
        ...descendants(server.pid).filter((pid) => commandLine(pid).includes('worker-main')),
      ];
      rows.push([
        command,
        target,
        rssMiB(server.pid),
        pids.slice(1).reduce((sum, pid) => sum + rssMiB(pid), 0),
        descriptors(server.pid),
        descendants(server.pid).length,
      ]);
    }
  }
  printTable(
    'After N segments (128x96, 12 frames, 20 a session)',
    ['server', 'segments', 'server RSS MiB', 'worker RSS MiB', 'descriptors', 'processes below'],
    rows,
  );
}

function rssMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function commandLine(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}

function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  if (children === '') return [];
  return children.split(' ').flatMap((child) => [Number(child), ...descendants(Number(child))]);
}
