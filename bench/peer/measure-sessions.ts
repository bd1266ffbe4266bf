import { startServer } from '../../test/support/server-process.ts';
import { sampling } from '../segments.ts';
import { isStall, type MeasuredServer, type Round, runRound } from '../support/round.ts';
import { serverFigures } from './figures.ts';
import { inTurn } from './in-turn.ts';
import { startPeer } from './peer-server.ts';
import type { Deadlock, ServerFigures, SessionsResult } from './results.ts';

/** A small segment takes a server a tenth of a second: one that says nothing to any session for so long is deadlocked. */
const silentMs = 20_000;
/** For ours, whose silence would end the run. */
const patienceMs = 120_000;
const size = { width: 256, height: 256, frames: 24 };

interface SessionCase {
  readonly sessions: number;
  readonly rounds: number;
  readonly each: number;
  readonly withPeer: boolean;
}

/** Each number of sessions with the peer's server, a fresh one, and ours in turn; ours is the same all the time. */
export async function measureSessions(
  cases: readonly SessionCase[],
  python: string,
): Promise<SessionsResult[]> {
  const args = sampling(size.width, size.height, size.frames);
  await using ourServer = await startServer({ command: 'mock', args });
  const results = [];
  for (const one of cases) results.push(await measureCase(one, ourServer, python));
  return results;
}

async function measureCase(
  { sessions, rounds, each, withPeer }: SessionCase,
  ourServer: MeasuredServer,
  python: string,
): Promise<SessionsResult> {
  await runRound(ourServer, 1, 1, patienceMs);
  const ours: Round[] = [];
  let completed = 0;
  const runOurs = async () => {
    const result = await runRound(ourServer, sessions, each, patienceMs);
    if (isStall(result))
      throw new Error(`Our server said nothing to ${sessions} sessions for ${patienceMs} ms.`);
    completed += result.times.length;
    ours.push(result);
  };
  let peer: ServerFigures | Deadlock | undefined;
  if (withPeer) {
    await using peerServer = await startPeer(python, size);
    await runRound(peerServer, 1, 1, silentMs);
    const done: Round[] = [];
    let deadlock: Deadlock | undefined;
    const runPeer = async () => {
      if (deadlock) return;
      const result = await runRound(peerServer, sessions, each, silentMs);
      if (!isStall(result)) done.push(result);
      else
        deadlock = { roundsDone: done.length, completed: result.completed, asked: sessions * each, silentMs };
    };
    await inTurn(rounds, [runPeer, runOurs]);
    peer = deadlock ?? serverFigures(done);
  } else {
    await inTurn(rounds, [runOurs]);
  }
  const asked = sessions * each * rounds;
  return { sessions, completed, asked, ours: serverFigures(ours), ...(peer === undefined ? {} : { peer }) };
}
