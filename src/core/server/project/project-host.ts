import type { FastVideoError } from '../../base/errors.ts';
import type { ProjectState, Step } from '../../sessions/project/project-state.ts';

/** The session that prompts are made ready for. */
export interface ProjectHost {
  readonly state: ProjectState;
  /** Aborts when the session is over. */
  readonly over: AbortSignal;
  /** Makes the step's state the session's, tells the client, and goes on. */
  take(step: Step): void;
  sendError(error: FastVideoError): void;
}
