import type { QueueReason } from '../src/core/protocol/queue-reason.ts';

/**
 * - `idle`: no connection was asked for yet.
 * - `queued`: connected, no worker free.
 * - `ended`: over, as it should be.
 * - `disconnected`: the page has stopped trying.
 */
export type SessionPhase =
  | 'idle'
  | 'connecting'
  | 'queued'
  | 'active'
  | 'reconnecting'
  | 'ended'
  | 'disconnected';

export interface SessionStatus {
  readonly phase: SessionPhase;
  /** A sentence more about the phase; may be empty. */
  readonly detail: string;
  /** A sentence about the session that holds as long as it lives; may be empty. */
  readonly note: string;
  readonly paused: boolean;
  /** Place in the queue, 1 is next. */
  readonly position: number;
  readonly queueDepth: number;
  /** Why it waits there; unset where the server does not say. */
  readonly queueReason?: QueueReason | undefined;
  readonly modelId: string;
  readonly workerId: string;
  readonly format?: { readonly width: number; readonly height: number; readonly fps: number };
}

export const idleStatus: SessionStatus = {
  phase: 'idle',
  detail: '',
  note: '',
  paused: false,
  position: 0,
  queueDepth: 0,
  modelId: '',
  workerId: '',
};

/** The few words at the top of the page. */
export function phaseWords({ phase, paused, position, queueDepth }: SessionStatus): string {
  switch (phase) {
    case 'idle':
      return 'Ready';
    case 'connecting':
      return 'Connecting';
    case 'queued':
      return `In the queue: ${position} of ${Math.max(position, queueDepth)}`;
    case 'active':
      return paused ? 'Paused' : 'Connected';
    case 'reconnecting':
      return 'Reconnecting';
    case 'ended':
      return 'Session ended';
    case 'disconnected':
      return 'Not connected';
  }
}

/** What the built-in generators cannot do, said plainly; empty for a real model. */
export function modelNote(modelId: string): string {
  if (modelId.startsWith('builtin:')) {
    return `Model ${modelId}: this built-in network draws abstract pictures in colours chosen by the words. It does not depict the prompt.`;
  }
  if (modelId.startsWith('mock')) {
    return `Model ${modelId}: a test pattern for developers. It does not depict the prompt.`;
  }
  return modelId === '' ? '' : `Model ${modelId}.`;
}
