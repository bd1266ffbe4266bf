import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/generators/seeded-random.ts';
import { commandLine, descendantPids, startTime } from '../support/child-pids.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { BusySession } from './busy-session.ts';
import { quick, statusOf } from './servers.ts';

/** The same seed chooses the same workers and moments; `FASTVIDEO_KILL_SEED=7 npx vitest run worker-kills`. */
const seed = Number(process.env.FASTVIDEO_KILL_SEED ?? Date.now() % 1_000_000);
const kills = Number(process.env.FASTVIDEO_KILLS ?? 200);
const sessionCount = 8;
/** More than sessions: some are idle. */
const workerCount = 10;

const args = [
  ...quick,
  ...['--streaming.generation_segment_cap', '100000'],
  ...['--streaming.pool.num_workers', String(workerCount)],
  ...['--streaming.pool.park_after_deaths', '100000'],
  ...['--streaming.pool.restart_max_delay_seconds', '0.2'],
];

/** When a worker is killed: something of a session that its worker is killed at, or a worker whatever it does. */
const moments = ['first media', 'mid-encode', 'between segments', 'starting', 'idle', 'any'] as const;
type Moment = (typeof moments)[number];

describe(`${kills} workers killed under ${sessionCount} busy sessions (seed ${seed})`, () => {
  it('cost no session, give every prompt one outcome, leave no process, and the pool is whole again', async () => {
    await using server = await startServer({ command: 'serve', args });
    await allReady(server);
    const sessions = await Promise.all(
      Array.from({ length: sessionCount }, (_, index) => BusySession.open(server.url, `session ${index}`)),
    );
    const random = seededRandom(seed);
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

    for (let count = 0; count < kills; count += 1) {
      // In turn, so that each moment is met; who it hits is left to chance.
      const moment = moments[count % moments.length] ?? 'any';
      const session = pick(sessions);
      await waitFor(`worker to kill (${moment})`, async () => {
        const pid = await victim(server, moment, session, pick, random);
        if (pid === undefined) return false;
        const family = await identified([pid, ...(await descendantPids(pid))]);
        if (!kill(pid)) return false;
        for (const [member, started] of family) seen.set(member, started);
        return true;
      });
      killed[moment] += 1;
      await delay(random() * 60);
    }

    const outcomes = await Promise.all(sessions.map((session) => session.end()));
    await allReady(server);
    for (const { prompts, completed, failed, last } of outcomes) {
      expect(completed + failed).toBe(prompts);
      expect(last).toBe('completed');
    }
    expect(Object.values(killed).reduce((sum, count) => sum + count)).toBe(kills);
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
      `${kills} kills (${moments.map((moment) => `${moment} ${killed[moment]}`).join(', ')}): ` +
        `${sum(outcomes, 'completed')} segments completed, ${sum(outcomes, 'failed')} failed, ${restarts} restarts`,
    );
    const lastWorkers = await identified(workers);
    const { code } = await server.stop();
    expect(code).toBe(0);
    await waitFor('end of the workers', async () => (await stillThere(lastWorkers)).length === 0);
  });
});

type Pick = <Item>(items: readonly Item[]) => Item | undefined;

async function victim(
  server: ServerProcess,
  moment: Moment,
  session: BusySession | undefined,
  pick: Pick,
  random: () => number,
): Promise<number | undefined> {
  switch (moment) {
    case 'first media':
    case 'mid-encode':
    case 'between segments': {
      const media = moment === 'first media' ? 1 : 2 + Math.floor(random() * 3);
      const reached = await session?.reaches(moment === 'between segments' ? 'outcome' : media);
      return reached === true && session ? await workerOf(server, session.id) : undefined;
    }
    case 'idle': {
      const { gpu_status } = await statusOf(server);
      const idle = pick(Object.values(gpu_status).filter(({ state }) => state === 'idle'));
      return typeof idle?.pid === 'number' ? idle.pid : undefined;
    }
    case 'starting': {
      const known = new Set(
        Object.values((await statusOf(server)).gpu_status)
          .filter(({ ready }) => ready)
          .map(({ pid }) => pid),
      );
      const starting = (await workerPids(server)).filter((pid) => !known.has(pid));
      await delay(random() * 200);
      return pick(starting);
    }
    case 'any':
      return pick(await workerPids(server));
  }
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
