import { setImmediate, setTimeout } from 'node:timers';
import { connectionsTaken } from './quiet-turn.ts';

/** Milliseconds of one turn of the event loop that the messages of one peer may take, and those of all of them. */
const oneMs = 10;
const allMs = 50;
/** All of them, in a turn that has brought a connection: there may be hundreds more, one a turn. */
const allMsBesideConnections = 5;
/**
 * A message cannot be divided. One that took longer than this, because it is of megabytes, is followed by a pause of the
 * time that it took: whatever else the process does comes first, whoever sends many of them.
 */
const longMs = 100;
const mostPauseMs = 500;

type Work = () => void;

/** The present turn, and who waits for one to come, in order. */
const turn = { number: 0, spentMs: 0, longestMs: 0, isEndSeen: false, connections: 0 };
let waiting: Work[] = [];

/**
 * One peer's share of each turn of the event loop. Messages that cost little to send may cost much to read: whoever
 * has more of them than fit into a turn goes on in a later one, when the others, and whatever else the process does,
 * had theirs.
 */
export class TurnShare {
  #turn = 0;
  #spentMs = 0;
  #since: number | undefined;

  /** Whether one more message may be worked on in this turn; it may take longer than that. */
  get hasTime(): boolean {
    const runningMs = this.#since === undefined ? 0 : performance.now() - this.#since;
    return this.#spent() + runningMs < oneMs && turn.spentMs + runningMs < mostMs();
  }

  /** Does the work now, and counts its time. Not to be called inside of another call of it. */
  spend<Result>(work: () => Result): Result {
    const before = this.#spent();
    this.#since = performance.now();
    try {
      return work();
    } finally {
      const ms = performance.now() - this.#since;
      this.#since = undefined;
      this.#spentMs = before + ms;
      turn.spentMs += ms;
      turn.longestMs = Math.max(turn.longestMs, ms);
      seeEnd();
    }
  }

  /** Calls `work` in a turn to come that has time left. */
  later(work: Work): void {
    waiting.push(work);
    seeEnd();
  }

  #spent(): number {
    if (this.#turn !== turn.number) {
      this.#turn = turn.number;
      this.#spentMs = 0;
    }
    return this.#spentMs;
  }
}

function mostMs(): number {
  return connectionsTaken() === turn.connections ? allMs : allMsBesideConnections;
}

function seeEnd(): void {
  if (turn.isEndSeen) return;
  turn.isEndSeen = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  if (turn.longestMs > longMs) setTimeout(nextTurn, Math.min(turn.longestMs, mostPauseMs));
  else nextTurn();
}

function nextTurn(): void {
  turn.number += 1;
  turn.spentMs = 0;
  turn.longestMs = 0;
  turn.isEndSeen = false;
  const before = waiting;
  waiting = [];
  let count = 0;
  for (const work of before) {
    if (turn.spentMs >= mostMs()) break;
    count += 1;
    work();
  }
  waiting = [...before.slice(count), ...waiting];
  turn.connections = connectionsTaken();
  if (waiting.length > 0) seeEnd();
}
