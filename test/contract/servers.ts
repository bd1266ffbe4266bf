import { afterAll } from 'vitest';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';

export type Command = 'serve' | 'mock';
export const commands: readonly Command[] = ['serve', 'mock'];

const picture = (width: number, height: number, frames: number) => [
  '--default_request.sampling.width',
  String(width),
  '--default_request.sampling.height',
  String(height),
  '--default_request.sampling.num_frames',
  String(frames),
];

/** Half a second of a small picture: made in a moment. */
export const quickPicture = picture(128, 96, 12);
export const quick = [...quickPicture, '--streaming.generation_segment_cap', '1000'];
export const quickFrames = 12;

/** As `serve` does it: `mock` would enhance, extend and rewrite prompts. */
export const promptsAsTheyAre = ['--streaming.prompt.enabled', 'false'];

/** So many frames that a segment is still being made whatever a test does meanwhile; it has to be cancelled or left. */
export const endless = [...picture(320, 192, 10_000), '--streaming.generation_segment_cap', '1000'];

/** For tests that count processes, or kill one: encoders that are some. */
export const encoderProcesses = ['--streaming.encoder.backend', 'ffmpeg'];

/** No limit runs out because a machine is slow: a test that is about one gives it a value of its own. */
const patient = [
  ...['--server.drain_seconds', '3600', '--server.ping_interval_seconds', '3600'],
  ...['--streaming.session_timeout_seconds', '3600', '--streaming.init_timeout_seconds', '3600'],
  ...['--streaming.resume_ttl_seconds', '3600'],
  ...['--streaming.segment_timeout_seconds', '3600', '--streaming.acquire_timeout_seconds', '3600'],
  ...['--streaming.pool.cancel_grace_seconds', '3600', '--streaming.pool.heartbeat_timeout_seconds', '3600'],
  ...['--streaming.prompt.timeout_ms', '3600000', '--streaming.safety.timeout_ms', '3600000'],
];

/** Starts the command and waits until a worker is ready. Of an argument that is given twice the last one holds. */
export async function readyServer(
  command: Command,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const fixed = ['--streaming.warmup.enabled', 'false', ...patient];
  const server = await startServer({ command, args: [...fixed, ...args], env });
  try {
    await waitFor('a ready worker', async () => (await fetch(`${server.url}/readyz?strict`)).ok);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

export interface TwoServers extends AsyncDisposable {
  readonly one: ServerProcess;
  readonly other: ServerProcess;
}

/** Two ready servers, started at once. */
export async function twoServers(command: Command, args: readonly string[]): Promise<TwoServers> {
  const [first, second] = await Promise.allSettled([readyServer(command, args), readyServer(command, args)]);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') {
    const [one, other] = [first.value, second.value];
    const dispose = async () => {
      await Promise.all([one.stop(), other.stop()]);
    };
    return { one, other, [Symbol.asyncDispose]: dispose };
  }
  for (const outcome of [first, second]) if (outcome.status === 'fulfilled') await outcome.value.stop();
  throw first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason;
}

export type Shared = (command: Command, args: readonly string[]) => Promise<ServerProcess>;

/**
 * Ready servers that the tests around share: those who ask for the same command and arguments are given the same
 * process, idle again. To be called in a `describe` or at the top of a file, at whose end they stop. For tests that leave
 * a server as they found it.
 */
export function sharedServers(): Shared {
  const servers = new Map<string, Promise<ServerProcess>>();
  afterAll(async () => {
    await Promise.all([...servers.values()].map(async (server) => (await server).stop()));
  });
  return async (command, args) => {
    const key = JSON.stringify([command, args]);
    const server = servers.get(key) ?? readyServer(command, args);
    servers.set(key, server);
    await idle(await server);
    return await server;
  };
}

interface Status {
  readonly total_gpus: number;
  readonly available_gpus: number;
  readonly queue_size: number;
  readonly recent_errors: readonly unknown[];
  readonly gpu_status: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export async function statusOf(server: ServerProcess): Promise<Status> {
  return (await (await fetch(`${server.url}/status`)).json()) as Status;
}

/** Waits until nobody is connected and every worker is free, so that the next session finds it as the first did. */
export async function idle(server: ServerProcess): Promise<void> {
  await waitFor('an idle server', async () => {
    const { gpu_status, queue_size } = await statusOf(server);
    const workers = Object.values(gpu_status);
    const health = (await (await fetch(`${server.url}/health`)).json()) as { readonly sessions: number };
    return (
      queue_size === 0 &&
      health.sessions === 0 &&
      workers.every(({ available, client_count }) => available === true && client_count === 0)
    );
  });
}
