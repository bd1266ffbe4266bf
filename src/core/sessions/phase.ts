import { FastVideoError } from '../base/errors.ts';

/** Where each state may lead (wire contract, session states). */
const transitions = {
  INITIALIZING: ['QUEUED', 'GPU_BINDING', 'REJECTED', 'ERROR'],
  QUEUED: ['GPU_BINDING', 'ERROR', 'TIMEOUT', 'REJECTED'],
  GPU_BINDING: ['ACTIVE', 'ERROR', 'TIMEOUT'],
  ACTIVE: ['ACTIVE', 'COMPLETE', 'ERROR', 'TIMEOUT'],
  COMPLETE: [],
  ERROR: [],
  TIMEOUT: [],
  REJECTED: [],
} as const satisfies Record<string, readonly string[]>;

export type SessionPhase = keyof typeof transitions;

/** Those of a session that is connected. */
export const livePhases: readonly SessionPhase[] = ['INITIALIZING', 'QUEUED', 'GPU_BINDING', 'ACTIVE'];

/** Throws `internal_error` for a way that the contract does not know: that is a bug of ours. */
export function checkTransition(from: SessionPhase, to: SessionPhase): void {
  const allowed: readonly SessionPhase[] = transitions[from];
  if (!allowed.includes(to)) {
    throw new FastVideoError('internal_error', `A session cannot go from ${from} to ${to}.`);
  }
}
