import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/generators/seeded-random.ts';
import { commandLine, descendantPids, startTime } from '../support/child-pids.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { BusySession } from './busy-session.ts';
import { quick, readyServer, statusOf } from './servers.ts';

/** The same seed chooses the same workers and moments; `FASTVIDEO_KILL_SEED=7 npx vitest run worker-kills`. */
const seed = Number(process.env.FASTVIDEO_KILL_SEED ?? Date.now() % 1_000_000);
const kills = Number(process.env.FASTVIDEO_KILLS ?? 200);
/** So few in one test that a slow machine ends it. */
const killsOfOne = 25;
const rounds = Array.from({ length: Math.ceil(kills / killsOfOne) }, (_, index) => ({
  round: index + 1,
  count: Math.min(killsOfOne, kills - index * killsOfOne),
}));
const sessionCount = 3;
/** More than sessions: some are idle. */
const workerCount = 5;

const args = [
  ...quick,
  // Small pictures, and a generator that is there at once: most of the time goes into starts of workers.
  ...['--default_request.sampling.width', '64', '--default_request.sampling.height', '48'],
  ...['--generator.model_path', 'mock:gradient', '--streaming.warmup.enabled', 'true'],
  ...['--streaming.generation_segment_cap', '100000'],
  ...['--streaming.pool.num_workers', String(workerCount)],
  ...['--streaming.pool.park_after_deaths', '100000'],
  ...['--streaming.pool.restart_max_delay_seconds', '0.2'],
];

/** When a worker is killed: something of a session that its worker is killed at, or a worker whatever it does. */
const moments = ['first media', 'mid-encode', 'between segments', 'idle', 'any', 'starting'] as const;
type Moment = (typeof moments)[number];

describe.each(rounds)(
  `$count workers killed under ${sessionCount} busy sessions (seed ${seed}, round $round)`,
  ({ round, count }) => {
    it('cost no session, give every prompt one outcome, leave no process, and the pool is whole again', async () => {
      await using server = await readyServer('serve', args);
      await allReady(server);
      const sessions = await Promise.all(
        Array.from({ length: sessionCount }, (_, index) => BusySession.open(server.url, `session ${index}`)),
      );
      const random = seededRandom(seed + round);
      const pick = <Item>(items: readonly Item[]): Item | undefined =>
        items[Math.floor(random() * items.length)];
      const seen = new Map<number, string | undefined>();
      const killed: Record<Moment, number> = {
        'first media': 0,
        'mid-encode': 0,
        'between segments': 0,
        starting: 0,
        idle: 0,
        any: 0,
      };

      let turn = 0;
      for (let done = 0; done < count; done += 1) {
        // In turn, so that each moment is met; who it hits is left to chance.
        const moment = moments[turn % moments.length] ?? 'any';
        const session = pick(sessions);
        await waitFor(`worker to kill (${moment})`, async () => {
          const found = await victim(server, moment, session, pick, random);
          if (found === undefined) return false;
          const { pid, met } = found;
          const family = await identified([pid, ...(await descendantPids(pid))]);
          if (!kill(pid)) return false;
          for (const [member, started] of family) seen.set(member, started);
          killed[met] += 1;
          if (met === moment) turn += 1;
          return true;
        });
        await delay(random() * 60);
      }

      const outcomes = await Promise.all(sessions.map((session) => session.end()));
      await allReady(server);
      for (const { prompts, completed, failed, last } of outcomes) {
        expect(completed + failed).toBe(prompts);
        expect(last).toBe('completed');
      }
      expect(Object.values(killed).reduce((sum, count) => sum + count)).toBe(count);
      expect(Math.min(...Object.values(killed))).toBeGreaterThan(0);
      const status = await statusOf(server);
      expect(status).toMatchObject({ total_gpus: workerCount, queue_size: 0 });
      const restarts = Object.values(status.gpu_status).reduce(
        (sum, { restarts }) => sum + Number(restarts),
        0,
      );
      expect(restarts).toBeGreaterThan(0);
      await waitFor('end of what was killed', async () => (await stillThere(seen)).length === 0);
      const workers = await workerPids(server);
      expect(workers).toHaveLength(workerCount);
      console.log(
        `${count} kills (${moments.map((moment) => `${moment} ${killed[moment]}`).join(', ')}): ` +
          `${sum(outcomes, 'completed')} segments completed, ${sum(outcomes, 'failed')} failed, ${restarts} restarts`,
      );
      const lastWorkers = await identified(workers);
      const { code } = await server.stop();
      expect(code).toBe(0);
      await waitFor('end of the workers', async () => (await stillThere(lastWorkers)).length === 0);
    });
  },
);

type Pick = <Item>(items: readonly Item[]) => Item | undefined;

interface Victim {
  readonly pid: number;
  readonly met: Moment;
}

async function victim(
  server: ServerProcess,
  moment: Moment,
  session: BusySession | undefined,
  pick: Pick,
  random: () => number,
): Promise<Victim | undefined> {
  switch (moment) {
    case 'first media':
    case 'mid-encode':
    case 'between segments': {
      const media = moment === 'first media' ? 1 : 2 + Math.floor(random() * 3);
      const reached = await session?.reaches(moment === 'between segments' ? 'outcome' : media);
      return reached === true && session ? victimOf(await workerOf(server, session.id), moment) : undefined;
    }
    case 'idle':
      return victimOf(await idleWorker(server, pick), moment);
    case 'starting': {
      const known = new Set(
        Object.values((await statusOf(server)).gpu_status)
          .filter(({ ready }) => ready)
          .map(({ pid }) => pid),
      );
      const starting = (await workerPids(server)).filter((pid) => !known.has(pid));
      // Where all have started again before this looked, one more is made to start.
      if (starting.length === 0) return victimOf(await idleWorker(server, pick), 'idle');
      await delay(random() * 200);
      return victimOf(pick(starting), moment);
    }
    case 'any':
      return victimOf(pick(await workerPids(server)), moment);
  }
}

function victimOf(pid: unknown, met: Moment): Victim | undefined {
  return typeof pid === 'number' ? { pid, met } : undefined;
}

async function idleWorker(server: ServerProcess, pick: Pick): Promise<unknown> {
  const { gpu_status } = await statusOf(server);
  return pick(Object.values(gpu_status).filter(({ state }) => state === 'idle'))?.pid;
}

interface SessionsOfStatus {
  readonly sessions: readonly { readonly session_id: string; readonly worker_id: string | null }[];
}

async function workerOf(server: ServerProcess, sessionId: string): Promise<number | undefined> {
  const status = await statusOf(server);
  const { sessions } = status as unknown as SessionsOfStatus;
  const workerId = sessions.find(({ session_id }) => session_id === sessionId)?.worker_id;
  const worker = Object.values(status.gpu_status).find(({ worker_id }) => worker_id === workerId);
  return typeof worker?.pid === 'number' ? worker.pid : undefined;
}

async function workerPids(server: ServerProcess): Promise<number[]> {
  const pids = await descendantPids(server.pid);
  const lines = await Promise.all(pids.map(commandLine));
  return pids.filter((_, index) => lines[index]?.includes('worker-main'));
}

async function allReady(server: ServerProcess): Promise<void> {
  await waitFor('whole pool', async () => {
    const workers = Object.values((await statusOf(server)).gpu_status);
    return workers.length === workerCount && workers.every(({ ready }) => ready === true);
  });
}

/** False when it has died since it was chosen. */
function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    // No such process.
    return false;
  }
}

type Identified = ReadonlyMap<number, string | undefined>;

async function identified(pids: readonly number[]): Promise<Identified> {
  return new Map(await Promise.all(pids.map(async (pid) => [pid, await startTime(pid)] as const)));
}

async function stillThere(processes: Identified): Promise<number[]> {
  const left = await Promise.all(
    [...processes].map(async ([pid, started]) => {
      const there = started !== undefined && (await startTime(pid)) === started;
      return there ? [pid] : [];
    }),
  );
  return left.flat();
}

function sum(
  outcomes: readonly { readonly completed: number; readonly failed: number }[],
  key: 'completed' | 'failed',
) {
  return outcomes.reduce((total, outcome) => total + outcome[key], 0);
}
