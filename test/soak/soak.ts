import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../src/core/generators/seeded-random.ts';
import { quick, quickFrames } from '../contract/servers.ts';
import { metricOf, readyRouter, rowOf, rowsOf } from '../router/router-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { comparePictures, unbrokenFilm } from './film-check.ts';
import { NativeSoakSession } from './native-soak-session.ts';
import { ProjectSoakSession } from './project-soak-session.ts';
import { SoakReplica } from './replica.ts';
import type { SoakSession } from './soak-session.ts';

export interface SoakOptions {
  readonly seed: number;
  readonly sessions: number;
  readonly replicas: number;
  /** Replicas killed, drained or frozen. */
  readonly actions: number;
  /** The longest pause between two of them, in milliseconds. */
  readonly maxPauseMs: number;
  /** With a Redis there are two routers and the replicas share their sessions. */
  readonly redisUrl?: string | undefined;
  readonly onAction?: (line: string) => void;
}

export interface SoakReport {
  readonly segments: number;
  readonly cutSegments: number;
  readonly moved: number;
  readonly actions: Readonly<Record<Action, number>>;
  /** Times that clients broke off and came back to their session, and that this was gone with its replica. */
  readonly resumed: number;
  readonly startedOver: number;
  /** Pictures that were the same as in a session that was never moved. */
  readonly samePictures: number;
  /** What some of the clients got, to be played. */
  readonly films: readonly { readonly bytes: Buffer; readonly frames: number }[];
}

const actionNames = ['kill', 'drain', 'freeze'] as const;
type Action = (typeof actionNames)[number];

const replicaArgs = [
  ...quick,
  ...['--streaming.generation_segment_cap', '1000000'],
  // Time for things to happen in, and air for the other processes.
  ...['--mock.sleep_ms', '150'],
  ...['--server.drain_seconds', '5'],
  ...['--streaming.init_timeout_seconds', '600'],
  ...['--default_request.sampling.num_inference_steps', '4'],
];
/** Finds out which replica is frozen. Where one that is only slow is taken for it, its sessions go elsewhere as well. */
const healthCheck = {
  interval_seconds: 0.2,
  timeout_seconds: 3,
  failure_threshold: 2,
  recovery_threshold: 1,
};
const filmed = 2;
/** Of one session's, with those of an unbroken one. */
const comparedSegments = 10;

/** Sessions through a router whose replicas come and go. Throws when a client notices. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const random = seededRandom(options.seed);
  const { redisUrl } = options;
  const store = redisUrl === undefined ? [] : ['--streaming.store', redisUrl];
  const replicas = await Promise.all(
    Array.from({ length: options.replicas }, () => SoakReplica.start([...replicaArgs, ...store])),
  );
  const routers = await startRouters(replicas, redisUrl);
  try {
    const sessions = Array.from({ length: options.sessions }, (_, index) =>
      openSession(routers, index, options.seed),
    );
    const ended = Promise.race(sessions.map(({ over }) => over)).then(() => {
      throw new Error('A session ended before it was told to.');
    });
    const failed = Promise.race([ended, ...replicas.map(({ failed }) => failed)]);
    // Told by whichever of the two races below is on; until the first nobody waits.
    failed.catch(() => undefined);
    await Promise.race([failed, goesOn(sessions)]);
    const actions = { kill: 0, drain: 0, freeze: 0 };
    for (let count = 0; count < options.actions; count += 1) {
      const action = actionNames[Math.floor(random() * actionNames.length)] ?? 'kill';
      const replica = replicas[Math.floor(random() * replicas.length)];
      if (!replica) throw new Error('There is no replica.');
      options.onAction?.(`${action} ${replica.url}`);
      actions[action] += 1;
      await Promise.race([failed, disturb(action, replica, routers)]);
      await Promise.race([failed, delay(random() * options.maxPauseMs)]);
    }
    await Promise.race([failed, goesOn(sessions)]);
    for (const session of sessions) session.leave();
    await Promise.all(sessions.map(({ over }) => over));
    await Promise.race([nothingIsLeft(replicas, routers), ...replicas.map(({ failed }) => failed)]);
    const native = sessions.filter((session) => session instanceof NativeSoakSession);
    return {
      segments: sum(sessions, ({ segments }) => segments),
      cutSegments: sum(sessions, ({ cutSegments }) => cutSegments),
      moved: await sumOf(routers, 'fastvideo_router_failovers_total{result="moved"}'),
      actions,
      resumed: sum(native, ({ returns }) => returns.resumed),
      startedOver: sum(native, ({ returns }) => returns.startedOver),
      samePictures: await samePictures(native[0], replicas[0]),
      films: sessions.slice(0, filmed).map(({ film, frames }) => ({ bytes: Buffer.concat(film), frames })),
    };
  } finally {
    await Promise.all([...routers, ...replicas].map((one) => one.stop()));
  }
}

async function startRouters(
  replicas: readonly SoakReplica[],
  redisUrl: string | undefined,
): Promise<ServerProcess[]> {
  const settings = {
    policy: 'least_sessions',
    health_check: healthCheck,
    // A frozen one takes connections and never answers.
    connect_timeout_seconds: 5,
    failover_seconds: 3600,
    wait_seconds: 3600,
  };
  const urls = replicas.map(({ url }) => url);
  if (redisUrl === undefined) return [await readyRouter(urls, settings)];
  const shared = { ...settings, store: redisUrl };
  return await Promise.all([readyRouter(urls, shared), readyRouter(urls, shared)]);
}

/** Each kind of client comes in eights. */
function openSession(routers: readonly ServerProcess[], index: number, seed: number): SoakSession {
  const kind = index % 8;
  const urls = routers.map(({ url }) => url);
  const options = {
    urls: index % 2 === 0 ? urls : urls.toReversed(),
    name: `session ${index}`,
    seed: seed + index,
    frames: quickFrames,
    keepFilm: index < filmed,
    slow: kind === 3 || kind === 6,
  };
  if (index % 2 === 1) return new ProjectSoakSession(options);
  return new NativeSoakSession(options, kind === 2 ? 'jpeg' : kind === 4 ? 'resumes' : 'media');
}

/** Resolves when no replica has a session or a busy worker, and no router keeps anything. */
async function nothingIsLeft(
  replicas: readonly SoakReplica[],
  routers: readonly ServerProcess[],
): Promise<void> {
  for (const replica of replicas) await replica.idle();
  for (const name of ['connections', 'buffered_bytes', 'failover_bytes']) {
    const line = `fastvideo_router_${name}`;
    await waitFor(`${line} 0`, async () => (await sumOf(routers, line)) === 0);
  }
}

/** A session of seed and prompts alone: unbroken it has the same pictures. */
async function samePictures(
  session: NativeSoakSession | undefined,
  replica: SoakReplica | undefined,
): Promise<number> {
  if (!session || !replica) throw new Error('There is nothing to compare.');
  const reference = await unbrokenFilm(replica.url, session.prompts.slice(0, comparedSegments));
  const frames = comparedSegments * quickFrames;
  return await comparePictures({ film: Buffer.concat(session.film), reference, frames });
}

/** Takes one replica away, and has it back when the sessions have gone on elsewhere. */
async function disturb(
  action: Action,
  replica: SoakReplica,
  routers: readonly ServerProcess[],
): Promise<void> {
  const every = async (holds: (router: ServerProcess) => Promise<boolean>) =>
    (await Promise.all(routers.map(holds))).every(Boolean);
  const hasAnother = async (router: ServerProcess) => {
    const rows = await rowsOf(router);
    return rows.some(({ url, status, draining }) => url !== replica.url && status === 'healthy' && !draining);
  };
  // Someone has to go on with them.
  await waitFor('another replica', () => every(hasAnother));
  if (action === 'freeze') {
    replica.signal('SIGSTOP');
    await waitFor('sessions to leave the frozen replica', () =>
      every(async (router) => (await rowOf(router, replica.url)).active_sessions === 0),
    );
    replica.signal('SIGCONT');
  } else {
    replica.signal(action === 'kill' ? 'SIGKILL' : 'SIGTERM');
    await replica.restart();
  }
  await waitFor('return of the replica', () =>
    every(async (router) => (await rowOf(router, replica.url)).status === 'healthy'),
  );
}

/** Resolves when each has another segment. */
async function goesOn(sessions: readonly SoakSession[]): Promise<void> {
  const before = sessions.map(({ segments }) => segments);
  const all = () => sessions.every(({ segments }, index) => segments > (before[index] ?? 0));
  await waitFor('a further segment of each session', all);
}

function sum<One extends SoakSession>(sessions: readonly One[], of: (session: One) => number): number {
  return sessions.reduce((total, session) => total + of(session), 0);
}

async function sumOf(routers: readonly ServerProcess[], line: string): Promise<number> {
  return (await Promise.all(routers.map((router) => metricOf(router, line)))).reduce((a, b) => a + b, 0);
}
