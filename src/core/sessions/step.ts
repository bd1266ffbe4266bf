import type { FastVideoError } from '../base/errors.ts';

/** The next state of a session, and what its client is told on the way. */
export interface SessionStep<State, Frame extends object = object> {
  readonly state: State;
  /** In this order. An error is counted and logged as well. */
  readonly frames: readonly (Frame | FastVideoError)[];
}
