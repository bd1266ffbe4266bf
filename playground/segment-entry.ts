import type { PromptSource } from '../src/core/protocol/native/common.ts';

/** What a person asks for. */
export interface SegmentRequest {
  readonly prompt: string;
  readonly source: PromptSource;
  readonly negativePrompt?: string;
  readonly seed?: number;
}

/**
 * - `held`: waits in this page, and can still be taken back.
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

/** One line of the segment list. Times are in milliseconds. */
export interface SegmentEntry {
  /** Place in the list of this page, from 1. */
  readonly key: number;
  readonly request: SegmentRequest;
  readonly state: SegmentState;
  /** Which session of this page, and the index in it, once it has begun. */
  readonly session?: number;
  readonly segmentIdx?: number;
  /** The prompt really used, where it is another one. */
  readonly usedPrompt?: string;
  readonly step: number;
  readonly totalSteps: number;
  /** Unset when it had to wait for another one first. */
  readonly sentAt?: number;
  readonly startedAt?: number;
  /** From its start, or from the sending when it had not to wait, to the first media in this page. */
  readonly firstFrameMs?: number;
  readonly generationMs?: number;
  readonly durationMs?: number;
  readonly frames?: number;
  /** Why it failed, or what is odd about it. */
  readonly note?: string;
}

export function newEntry(key: number, request: SegmentRequest): SegmentEntry {
  return { key, request, state: 'held', step: 0, totalSteps: 0 };
}

/** Whether nothing will happen to the entry any more. */
export function isOver({ state }: SegmentEntry): boolean {
  return state !== 'held' && state !== 'sent' && state !== 'running';
}
