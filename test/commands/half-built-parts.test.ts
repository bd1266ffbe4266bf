import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filtered } from '../contract/safety-tests.ts';
import { commandLine, descendantPids } from '../support/child-pids.ts';
import { needs } from '../support/needs.ts';
import { redisServer } from '../support/redis-server.ts';
import { eventually } from '../support/wait-for.ts';
import { noKey, noLogs, redisAndTakenPort, replicas, serveTestPattern } from './parts-that-fail.ts';
import { runHere } from './run-here.ts';

/** In front of a Redis: which connections were opened to it, and which are still open. */
class CountedRedis {
  readonly open = new Set<Socket>();
  opened = 0;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.opened += 1;
      this.open.add(socket);
      const redis = connect(port, '127.0.0.1');
      socket.on('close', () => {
        this.open.delete(socket);
        redis.destroy();
      });
      // A connection that is cut has ended.
      for (const one of [socket, redis]) one.on('error', () => socket.destroy());
      socket.pipe(redis).pipe(socket);
    });
  }

  static async start(port: number): Promise<CountedRedis> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CountedRedis(server, port);
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.open) socket.destroy();
    await once(this.#server, 'close');
  }
}

/** The processes of safety filters that this one has started. */
async function filterProcesses(): Promise<readonly string[]> {
  const lines = await Promise.all((await descendantPids(process.pid)).map(commandLine));
  return lines.filter((line) => line.includes('safety-main'));
}

// The process goes on here: what a command leaves open stays open, which its own end would hide.
describe(
  'a command of which one part cannot be opened closes those that it had opened',
  needs(redisServer),
  () => {
    const { redis, takenPort } = redisAndTakenPort();
    let store: CountedRedis;
    beforeEach(async () => {
      store = await CountedRedis.start(redis().port);
    });
    afterEach(async () => await store.stop());

    const mock = ['mock', '--port', '0'];
    const router = ['router', ...replicas];
    it.each<[string, () => string[], 'streaming' | 'router']>([
      ['serve: a provider without its key', () => [...serveTestPattern, ...noKey], 'streaming'],
      [
        'serve: a folder for logs that cannot be',
        () => [...serveTestPattern, ...filtered, ...noLogs],
        'streaming',
      ],
      ['serve: an address that is taken', () => [...serveTestPattern, ...takenPort()], 'streaming'],
      ['mock: a folder for logs that cannot be', () => [...mock, ...filtered, ...noLogs], 'streaming'],
      ['mock: an address that is taken', () => [...mock, ...filtered, ...takenPort()], 'streaming'],
      ['router: an address that is taken', () => [...router, ...takenPort()], 'router'],
    ])('%s', async (_, args, section) => {
      const { code } = await runHere([...args(), `--${section}.store`, store.url], {
        GROQ_API_KEY: undefined,
      });
      expect(code).toBeGreaterThan(0);
      expect(store.opened).toBeGreaterThan(0);
      await eventually(() => expect(store.open.size).toBe(0));
      await eventually(async () => expect(await filterProcesses()).toEqual([]));
    });
  },
);
