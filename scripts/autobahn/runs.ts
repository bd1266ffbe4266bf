import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type RawData, WebSocket } from 'ws';
import { eager, readyRouter } from '../../test/router/router-process.ts';
import { startServer } from '../../test/support/server-process.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { echoReplica, passingReplica } from './replica.ts';
import { TestRun, type TestSuite, type Verdict } from './test-suite.ts';

export interface Cases {
  readonly wanted: readonly string[];
  readonly left: readonly string[];
}

/** Messages as they are: what Autobahn sends is no frame of a session. */
const asTheyAre = {
  failover: 'error',
  ping_interval_seconds: 3600,
  // A case may send a thousand messages as fast as it can.
  messages_per_second: 1_000_000,
  message_burst: 1_000_000,
  // Many a case has a replica break off.
  health_check: { ...eager, failure_threshold: 1_000_000 },
};

/** Autobahn's client, the router, an echo. */
export async function clientOfRouter(suite: TestSuite, folder: string, cases: Cases): Promise<Verdict[]> {
  await using replica = await echoReplica();
  await using router = await readyRouter([replica.url], asTheyAre);
  const run = new TestRun(suite, join(folder, 'client-of-router'));
  return await run.againstServer(`${router.url.replace('http', 'ws')}/ws`, cases.wanted, cases.left);
}

/** An echo, the router, Autobahn's server in a replica's place. */
export async function replicaOfRouter(suite: TestSuite, folder: string, cases: Cases): Promise<Verdict[]> {
  const port = await freePort();
  const run = new TestRun(suite, join(folder, 'replica-of-router'));
  const stop = await run.serveCases(`ws://127.0.0.1:${port}`, cases.wanted, cases.left);
  try {
    await using replica = await passingReplica(port);
    await using router = await readyRouter([replica.url], asTheyAre);
    const ask = async (target: string, echo = false) =>
      await untilClosed(`${router.url.replace('http', 'ws')}/ws?target=${encodeURIComponent(target)}`, echo);
    let count = 0;
    await waitFor('server of the test suite', async () => {
      count = Number((await ask('/getCaseCount').catch(() => [])).at(0));
      return count > 0;
    });
    for (let number = 1; number <= count; number += 1)
      await ask(`/runCase?case=${number}&agent=fastvideo`, true);
    await ask('/updateReports?agent=fastvideo');
    return await run.verdicts();
  } finally {
    await stop();
  }
}

/** Autobahn's client and `fastvideo mock` or `serve`, which are no echo: they answer each message with an error. */
export async function clientOfServer(
  suite: TestSuite,
  folder: string,
  cases: Cases,
  command: 'mock' | 'serve',
): Promise<Verdict[]> {
  const args = ['--server.ping_interval_seconds', '3600', '--server.messages_per_second', '1000000'];
  await using server = await startServer({ command, args });
  const run = new TestRun(suite, join(folder, `client-of-${command}`));
  return await run.againstServer(`${server.url.replace('http', 'ws')}/v1/stream`, cases.wanted, cases.left);
}

/** What came, as text. */
async function untilClosed(url: string, echo: boolean): Promise<string[]> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const came: string[] = [];
  socket.on('error', () => undefined);
  socket.on('message', (data: RawData, isBinary) => {
    came.push(data.toString());
    if (echo) socket.send(data, { binary: isBinary });
  });
  await once(socket, 'close');
  return came;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('The port is not known.');
  return address.port;
}
