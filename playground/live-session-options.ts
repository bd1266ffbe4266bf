import type { SegmentEntry, SegmentRequest } from './segment-entry.ts';
import type { Toggle } from './segment-frames.ts';
import type { SegmentQueue } from './segment-queue.ts';
import type { Continuation } from './session-progress.ts';
import type { SessionStatus } from './session-status.ts';
import type { OpenSocket, SessionInit } from './stream-client.ts';

export interface LiveSessionOptions {
  readonly url: string;
  readonly openSocket: OpenSocket;
  /**
   * What a session is opened with; asked at each connection. `continuation` is set for one that continues the session
   * before. May reject with a sentence for the person.
   */
  readonly opening: (continuation: Continuation | undefined) => Promise<SessionInit>;
  /** Whether no segment continues another, as it is set now. */
  readonly singleClips: () => boolean;
  /** Why there is no connection, when one could not be opened at all. */
  readonly diagnose: () => Promise<{ readonly sentence: string; readonly retry: boolean }>;
  /** Asked what to go on with when a segment was made and nothing waits. */
  readonly whenIdle: (last: SegmentEntry) => SegmentRequest | undefined;
  readonly events: LiveSessionEvents;
}

interface LiveSessionEvents {
  statusChanged(status: SessionStatus): void;
  segmentsChanged(queue: SegmentQueue): void;
  /** Another session begins. `continues`: the film goes on in it. */
  sessionStarted(continues: boolean): void;
  /** No more media comes from this session. */
  sessionEnded(): void;
  init(data: ArrayBuffer, mime: string): void;
  media(data: ArrayBuffer): void;
  problem(sentence: string): void;
  /** The server refused a prompt, so that it can be changed. */
  promptRefused(prompt: string): void;
  toggleRefused(toggle: Toggle): void;
}
