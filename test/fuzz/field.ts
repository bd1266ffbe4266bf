import { quick, readyServer } from '../contract/servers.ts';
import { readyRouter } from '../router/router-process.ts';
import { Control } from './control.ts';
import { WatchedServer } from './watched-server.ts';

export const serverNames = ['serve', 'mock', 'router'] as const;
export type ServerName = (typeof serverNames)[number];

/** Limits that end what a stranger begins, and none of the honest session. */
const limits = [
  ...quick,
  ...['--streaming.generation_segment_cap', '1000000', '--streaming.session_timeout_seconds', '86400'],
  ...[
    '--streaming.max_sessions',
    '64',
    '--streaming.init_timeout_seconds',
    '10',
    '--streaming.resume_ttl_seconds',
    '2',
  ],
];
const workers = ['--generator.model_path', 'mock:gradient', '--streaming.pool.num_workers', '3'];

/** The servers that are fed, started when the first of the targets asks for them. */
export class Field implements AsyncDisposable {
  readonly #closers: (() => Promise<unknown>)[] = [];
  #control: Promise<Control> | undefined;
  #servers: Promise<Readonly<Record<ServerName, WatchedServer>>> | undefined;

  async control(): Promise<Control> {
    this.#control ??= Control.start().then((control) => this.#use(control));
    return await this.#control;
  }

  /** `serve`, `mock`, and a `router` in front of two of `mock`. */
  async servers(): Promise<Readonly<Record<ServerName, WatchedServer>>> {
    this.#servers ??= this.#start();
    return await this.#servers;
  }

  /** Looks at all of them. */
  async check(): Promise<void> {
    await Promise.all(Object.values(await this.servers()).map(async (server) => await server.check()));
  }

  async settled(): Promise<void> {
    if (!this.#servers) return;
    await Promise.all(Object.values(await this.#servers).map(async (server) => await server.settled()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  /** What is closed with the field, in reverse order. */
  #use<Resource extends AsyncDisposable>(resource: Resource): Resource {
    this.#closers.push(async () => await resource[Symbol.asyncDispose]());
    return resource;
  }

  async #start(): Promise<Readonly<Record<ServerName, WatchedServer>>> {
    const control = await this.control();
    const start = async (command: 'serve' | 'mock', ...args: readonly string[]) => {
      const server = await readyServer(command, [...limits, ...args]);
      return this.#use(server);
    };
    const watch = async (name: ServerName, server: Awaited<ReturnType<typeof start>>) =>
      this.#use(await WatchedServer.watch(name, server, control));
    const [serve, mock, one, other] = await Promise.all([
      start('serve', ...workers),
      start('mock'),
      start('mock'),
      start('mock'),
    ]);
    const router = this.#use(await readyRouter([one.url, other.url]));
    return {
      serve: await watch('serve', serve),
      mock: await watch('mock', mock),
      router: await watch('router', router),
    };
  }
}
