import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { readyRouter } from '../test/router/router-process.ts';
import { startHaProxy } from './support/haproxy.ts';
import { rssKiB } from './support/process-cost.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const replicaFile = fileURLToPath(new URL('./support/bare-replica.mjs', import.meta.url));
const megabyte = 2 ** 20;
const frameBytes = 64 * 1024;
const floodBytes = 512 * megabyte;
const rounds = 5;
const roundTrips = 3000;
const setUps = 200;
const idleSessions = 2000;

interface Way {
  readonly name: string;
  readonly url: string;
  /** Process between client and replica. */
  readonly pid?: number;
}

/** The way through the router beside the bare way and HAProxy's. */
export async function benchRouter(): Promise<void> {
  const replica = spawn(process.execPath, [replicaFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(replica.stdout, 'data')) as [Buffer];
  const replicaUrl = `http://127.0.0.1:${port.toString().trim()}`;
  // A round trip after the other is more messages than one client may send.
  const unlimited = { max_connections: 10_000, messages_per_second: 1_000_000, message_burst: 1_000_000 };
  await using router = await readyRouter([replicaUrl], { ...unlimited, failover: 'transparent' });
  await using passing = await readyRouter([replicaUrl], { ...unlimited, failover: 'error' });
  await using haproxy = await startHaProxy(replicaUrl);
  if (!haproxy) console.log('HAProxy is not installed (apt-get install haproxy): it is left out.');
  const ways: readonly Way[] = [
    { name: 'direct', url: replicaUrl },
    { name: 'router', url: router.url, pid: router.pid },
    { name: 'router, failover: error', url: passing.url, pid: passing.pid },
    ...(haproxy ? [{ name: 'HAProxy', url: haproxy.url, pid: haproxy.pid }] : []),
  ];
  try {
    for (const connections of [1, 4, 64]) await compare(ways, connections);
    await compareSetUp(ways);
    await compareMemory(ways.filter(({ pid }) => pid !== undefined));
  } finally {
    replica.kill('SIGKILL');
  }
}

async function compare(ways: readonly Way[], connections: number): Promise<void> {
  const speeds = await inTurn(ways, async ({ url }) => await throughput(url, connections));
  const trips = await inTurn(ways, async ({ url }) => await roundTrip(url, connections));
  const last = speeds.at(-1) ?? Number.NaN;
  const lastTrip = trips.at(-1) ?? Number.NaN;
  printTable(
    `Relay with ${connections} connections, ${frameBytes / 1024} KiB binary frames, ${floodBytes / megabyte} MB in all; round trip of a small text frame, one at a time on one of them; medians of ${rounds}`,
    ['way', 'MB/s', `of ${ways.at(-1)?.name}'s`, 'round trip us', 'beside it us'],
    ways.map(({ name }, index) => [
      name,
      speeds[index] ?? Number.NaN,
      (speeds[index] ?? Number.NaN) / last,
      trips[index] ?? Number.NaN,
      (trips[index] ?? Number.NaN) - lastTrip,
    ]),
  );
}

async function compareSetUp(ways: readonly Way[]): Promise<void> {
  const times = await inTurn(ways, async ({ url }) => {
    const each = [];
    for (let count = 0; count < setUps; count += 1) {
      const startedAt = performance.now();
      const socket = await open(url);
      each.push(performance.now() - startedAt);
      socket.terminate();
    }
    return median(each);
  });
  const direct = times[0] ?? Number.NaN;
  printTable(
    `Set-up of a session, from the connect to gpu_assigned, ${setUps} one after the other, medians of ${rounds}`,
    ['way', 'ms', 'of direct'],
    ways.map(({ name }, index) => [name, times[index] ?? Number.NaN, (times[index] ?? Number.NaN) / direct]),
  );
}

async function compareMemory(ways: readonly Way[]): Promise<void> {
  const rows = [];
  for (const { name, url, pid } of ways) {
    if (pid === undefined) continue;
    const before = rssKiB(pid);
    const sockets: WebSocket[] = [];
    while (sockets.length < idleSessions) {
      sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => open(url)))));
    }
    const after = rssKiB(pid);
    rows.push([name, before / 1024, after / 1024, (after - before) / idleSessions]);
    for (const socket of sockets) socket.terminate();
  }
  printTable(
    `Memory (RSS) with ${idleSessions} idle sessions, after what came before`,
    ['way', 'before MB', 'with them MB', 'KiB a session'],
    rows,
  );
}

/** Medians over rounds in which every way has its turn. */
async function inTurn(
  ways: readonly Way[],
  measure: (way: Way) => Promise<number>,
): Promise<readonly number[]> {
  const results = ways.map((): number[] => []);
  for (const way of ways) await measure(way);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, way] of ways.entries()) results[index]?.push(await measure(way));
  }
  return results.map(median);
}

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send('{"type":"session_init_v2"}');
  await once(socket, 'message');
  return socket;
}

/** Megabytes a second of so many connections together. */
export async function throughput(url: string, connections: number, bytes = floodBytes): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(url)));
  const count = Math.round(bytes / frameBytes / connections);
  const startedAt = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      let left = count;
      socket.on('message', (data: Buffer) => {
        if (data.length === frameBytes) left -= 1;
      });
      socket.send(JSON.stringify({ type: 'flood', bytes: frameBytes, count }));
      await waitForNone(socket, () => left);
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  for (const socket of sockets) socket.terminate();
  return (count * frameBytes * connections) / megabyte / seconds;
}

async function waitForNone(socket: WebSocket, left: () => number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.on('message', () => left() === 0 && resolve());
    socket.on('close', () => reject(new Error('The connection was closed.')));
  });
  socket.removeAllListeners('close');
}

/** Microseconds, the median of many. The other connections are idle. */
async function roundTrip(url: string, connections: number): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(url)));
  const [socket] = sockets;
  if (!socket) throw new Error('There is no connection.');
  const text = JSON.stringify({ type: 'echo', text: 'x'.repeat(100) });
  const times: number[] = [];
  await new Promise<void>((resolve) => {
    let sentAt = performance.now();
    socket.on('message', () => {
      times.push(performance.now() - sentAt);
      if (times.length === roundTrips) {
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.send(text);
    });
    socket.send(text);
  });
  for (const one of sockets) one.terminate();
  return median(times) * 1000;
}
