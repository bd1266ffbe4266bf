import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { startServer } from '../test/support/server-process.ts';
import { NativeClient } from './support/native-client.ts';
import { cpuMs } from './support/process-cost.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const megabyte = 2 ** 20;
const bytesEach = 128 * megabyte;
const rounds = 5;
const file = (name: string) => fileURLToPath(new URL(`./support/${name}`, import.meta.url));

/** What a megabyte of fragments costs the server process on its way from the worker to the client. */
export async function benchRelay(): Promise<void> {
  const rows = [];
  for (const chunkBytes of [16 * 1024, 64 * 1024, 1024 * 1024]) {
    const ours = await throughServe(chunkBytes);
    const bare = await throughBareRelay(chunkBytes);
    rows.push([
      `${chunkBytes / 1024} KiB`,
      ours.cpuMsPerMb,
      bare.cpuMsPerMb,
      ours.cpuMsPerMb / bare.cpuMsPerMb,
      ours.mbPerSecond,
      bare.mbPerSecond,
    ]);
  }
  printTable(
    `Relay, ${bytesEach / megabyte} MB a segment, median of ${rounds}: CPU of the server process, beside a child's stdout sent with ws as it comes`,
    ['fragment', 'serve CPU ms/MB', 'bare CPU ms/MB', 'ratio', 'serve MB/s', 'bare MB/s'],
    rows,
  );
}

interface Cost {
  readonly cpuMsPerMb: number;
  readonly mbPerSecond: number;
}

async function throughServe(chunkBytes: number): Promise<Cost> {
  await using server = await startServer({
    command: 'serve',
    args: [
      ...['--generator.model_path', `exec:${process.execPath} ${file('canned-worker.mjs')}`],
      ...['--streaming.warmup.enabled', 'false', '--streaming.generation_segment_cap', '1000'],
    ],
    env: { CANNED_CHUNK: String(chunkBytes), CANNED_BYTES: String(bytesEach) },
  });
  const client = await NativeClient.connect(server.url);
  const cost = await measure(server.pid, async () => (await client.segment('canned')).bytes);
  await client.close();
  return cost;
}

async function throughBareRelay(chunkBytes: number): Promise<Cost> {
  const relay: ChildProcess = spawn(
    process.execPath,
    [file('bare-relay.mjs'), `${bytesEach}`, `${chunkBytes}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  if (!relay.stdout || relay.pid === undefined) throw new Error('The relay did not start.');
  const [port] = (await once(relay.stdout, 'data')) as [Buffer];
  const url = `ws://127.0.0.1:${port.toString().trim()}`;
  const cost = await measure(relay.pid, () => readAll(url));
  relay.kill();
  return cost;
}

async function measure(pid: number, transfer: () => Promise<number>): Promise<Cost> {
  await transfer();
  const cpu = [];
  const speed = [];
  for (let round = 0; round < rounds; round += 1) {
    const cpuBefore = cpuMs(pid);
    const startedAt = performance.now();
    const megabytes = (await transfer()) / megabyte;
    cpu.push((cpuMs(pid) - cpuBefore) / megabytes);
    speed.push(megabytes / ((performance.now() - startedAt) / 1000));
  }
  return { cpuMsPerMb: median(cpu), mbPerSecond: median(speed) };
}

async function readAll(url: string): Promise<number> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  let bytes = 0;
  socket.on('message', (data: Buffer) => {
    bytes += data.length;
  });
  await once(socket, 'close');
  return bytes;
}
