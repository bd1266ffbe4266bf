import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../src/core/generators/seeded-random.ts';
import { quick, quickFrames } from '../contract/servers.ts';
import { metricOf, readyRouter, rowOf, rowsOf } from '../router/router-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
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
  readonly onAction?: (line: string) => void;
}

export interface SoakReport {
  readonly segments: number;
  readonly cutSegments: number;
  readonly moved: number;
  readonly actions: Readonly<Record<Action, number>>;
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
  ...['--default_request.sampling.num_inference_steps', '4'],
];
const healthCheck = {
  interval_seconds: 0.2,
  timeout_seconds: 1,
  failure_threshold: 2,
  recovery_threshold: 1,
};
const filmed = 2;

/** Sessions through a router whose replicas come and go. Throws when a client notices. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const random = seededRandom(options.seed);
  const replicas = await Promise.all(
    Array.from({ length: options.replicas }, () => SoakReplica.start(replicaArgs)),
  );
  const router = await readyRouter(
    replicas.map(({ url }) => url),
    { policy: 'least_sessions', health_check: healthCheck, failover_seconds: 120, wait_seconds: 60 },
  );
  try {
    const sessions = Array.from({ length: options.sessions }, (_, index) =>
      openSession(router, index, options.seed),
    );
    const failed = Promise.race(sessions.map(({ over }) => over)).then(() => {
      throw new Error('A session ended before it was told to.');
    });
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
      await Promise.race([failed, disturb(action, replica, router)]);
      await Promise.race([failed, delay(random() * options.maxPauseMs)]);
    }
    await Promise.race([failed, goesOn(sessions)]);
    for (const session of sessions) session.leave();
    await Promise.all(sessions.map(({ over }) => over));
    return {
      segments: sum(sessions, ({ segments }) => segments),
      cutSegments: sum(sessions, ({ cutSegments }) => cutSegments),
      moved: await metricOf(router, 'fastvideo_router_failovers_total{result="moved"}'),
      actions,
      films: sessions.slice(0, filmed).map(({ film, frames }) => ({ bytes: Buffer.concat(film), frames })),
    };
  } finally {
    await Promise.all([router.stop(), ...replicas.map((replica) => replica.stop())]);
  }
}

function openSession(router: ServerProcess, index: number, seed: number): SoakSession {
  const options = {
    url: router.url,
    name: `session ${index}`,
    seed: seed + index,
    frames: quickFrames,
    keepFilm: index < filmed,
  };
  return index % 2 === 0 ? new NativeSoakSession(options) : new ProjectSoakSession(options);
}

/** Takes one replica away, and has it back when the sessions have gone on elsewhere. */
async function disturb(action: Action, replica: SoakReplica, router: ServerProcess): Promise<void> {
  const others = async () => {
    const rows = await rowsOf(router);
    return rows.filter(
      ({ url, status, draining }) => url !== replica.url && status === 'healthy' && !draining,
    );
  };
  // Someone has to go on with them.
  await waitFor('another replica', async () => (await others()).length > 0, 60_000);
  if (action === 'freeze') {
    replica.signal('SIGSTOP');
    await waitFor(
      'sessions to leave the frozen replica',
      async () => (await rowOf(router, replica.url)).active_sessions === 0,
      60_000,
    );
    replica.signal('SIGCONT');
  } else {
    replica.signal(action === 'kill' ? 'SIGKILL' : 'SIGTERM');
    await replica.restart();
  }
  await waitFor(
    'return of the replica',
    async () => (await rowOf(router, replica.url)).status === 'healthy',
    60_000,
  );
}

/** Resolves when each has another segment. */
async function goesOn(sessions: readonly SoakSession[]): Promise<void> {
  const before = sessions.map(({ segments }) => segments);
  const all = () => sessions.every(({ segments }, index) => segments > (before[index] ?? 0));
  await waitFor('a further segment of each session', all, 120_000);
}

function sum(sessions: readonly SoakSession[], of: (session: SoakSession) => number): number {
  return sessions.reduce((total, session) => total + of(session), 0);
}
