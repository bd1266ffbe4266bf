import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Node takes one connection in each turn of the event loop. Whoever opens hundreds at once makes the next client, and the
 * next probe, wait for as many turns: work that can wait a moment leaves such turns to them.
 */
const mostTurns = 32;

let taken = 0;

/** A server of this process has taken a connection. */
export function connectionTaken(): void {
  taken += 1;
}

/** Connections that were taken so far. */
export function connectionsTaken(): number {
  return taken;
}

/** Resolves in a later turn of the event loop, as soon as one has brought no connection, but within 32 of them. */
export async function quietTurn(): Promise<void> {
  for (let turns = 0; turns < mostTurns; turns += 1) {
    const before = taken;
    await nextTurn();
    if (taken === before) return;
  }
}
