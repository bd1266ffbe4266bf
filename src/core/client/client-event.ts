import type { QueueReason } from '../protocol/queue-reason.ts';

/** What the client tells about itself, beside the frames of the server. */
export type ClientEvent =
  | { readonly event: 'connecting'; readonly url: string; readonly resume: boolean }
  | { readonly event: 'connected' }
  | { readonly event: 'connection_lost'; readonly why: string; readonly retry_in_ms: number }
  | { readonly event: 'session_ended'; readonly why: 'segment_cap' | 'idle' | 'not_resumable' | 'renewed' }
  | {
      readonly event: 'segment_failed';
      readonly prompt: string;
      readonly code: string;
      readonly message: string;
      readonly next: 'again' | 'skipped' | 'failed';
    }
  /** Media of a segment that the server says it sent, and that did not come. */
  | {
      readonly event: 'media_missing';
      readonly prompt: string;
      readonly segment_idx: number;
      readonly missing: number;
      readonly chunks: number;
    }
  /** The server owes something and has sent nothing for so long. */
  | { readonly event: 'silent'; readonly seconds: number }
  | { readonly event: 'unreadable'; readonly problem: string }
  | {
      readonly event: 'film';
      readonly segments: number;
      readonly skipped: number;
      /** Length of the film. */
      readonly seconds: number;
      readonly bytes: number;
    };

/** Who is told while a film is made. */
export interface StreamObserver {
  /** A text frame as it came. */
  text(text: string): void;
  event(event: ClientEvent): void;
  progress(progress: StreamProgress): void;
}

export interface StreamProgress {
  readonly phase: 'connecting' | 'queued' | 'active' | 'away';
  /** Place in the server's queue. */
  readonly position: number;
  /** Why it waits there; unset where the server does not say. */
  readonly queueReason?: QueueReason | undefined;
  /** Segments that are whole in the film. */
  readonly made: number;
  /** Whether the server generates a segment now. */
  readonly isGenerating: boolean;
  readonly step: number;
  readonly totalSteps: number;
  readonly bytes: number;
}
