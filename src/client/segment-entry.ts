import type { FastVideoError } from './errors.ts';
import type { SegmentPromptSourceClientFrame } from './frames.ts';

/** Where a prompt came from. */
export type PromptSource = NonNullable<SegmentPromptSourceClientFrame['source']>;

/** One segment that is asked for. What is left out is the server's choice. */
export interface SegmentRequest {
  readonly prompt: string;
  /** Default `user`. */
  readonly source?: PromptSource;
  readonly negativePrompt?: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly guidanceScale?: number;
}

/**
 * - `held`: waits in this client, and can still be removed.
 * - `sent`: waits in the server.
 * - `running`: is being made.
 * - `blocked`: the safety filter blocked the prompt.
 * - `interrupted`: the connection was lost in the middle of it.
 */
export type SegmentState =
  | 'held'
  | 'sent'
  | 'running'
  | 'done'
  | 'cancelled'
  | 'failed'
  | 'blocked'
  | 'interrupted';

/** One segment of a session's list. Times are in milliseconds. */
export interface SegmentEntry {
  /** Place in the list, from 1. */
  readonly key: number;
  readonly request: SegmentRequest;
  readonly state: SegmentState;
  /** Which session of this client, from 1, and the index in it, once it has begun. */
  readonly session?: number;
  readonly segmentIdx?: number;
  /** The prompt really used, where it is another one. */
  readonly usedPrompt?: string;
  readonly step: number;
  readonly totalSteps: number;
  /** Unset when it had to wait for another one first. */
  readonly sentAt?: number;
  readonly startedAt?: number;
  /** From its start, or from the sending when it had not to wait, to the first media in this client. */
  readonly firstFrameMs?: number;
  readonly generationMs?: number;
  readonly durationMs?: number;
  readonly frames?: number;
  /** Why it failed, or what is odd about it. */
  readonly note?: string;
  /** Why it was not made: of `failed`, `blocked`. */
  readonly error?: FastVideoError;
}

export function newEntry(key: number, request: SegmentRequest): SegmentEntry {
  return { key, request, state: 'held', step: 0, totalSteps: 0 };
}

/** Whether nothing will happen to the entry any more. */
export function isOver({ state }: SegmentEntry): boolean {
  return state !== 'held' && state !== 'sent' && state !== 'running';
}

/** Whether the server has it to make: its media comes, or is to come without anything that this client has to do. */
export function isInServer({ state }: SegmentEntry): boolean {
  return state === 'sent' || state === 'running';
}
