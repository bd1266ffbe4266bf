import type { FastVideoError } from './errors.ts';
import type { ServerFrame } from './frames.ts';
import type { SegmentEntry, SegmentRequest } from './segment-entry.ts';
import type { SessionEnd } from './session-end.ts';
import type { SessionStatus } from './session-status.ts';
import type { Bytes } from './web-socket.ts';

/** What happens in a session, in order. */
export type SessionEvent =
  | { readonly type: 'status'; readonly status: SessionStatus }
  /** The list of segments changed: all of them, oldest first. */
  | { readonly type: 'segments'; readonly segments: readonly SegmentEntry[] }
  /**
   * A connection is being opened: `open` for another session, `resume` for the session of before, `anew` for another one
   * because the server does not have that any more.
   */
  | { readonly type: 'connecting'; readonly how: 'open' | 'resume' | 'anew' }
  /**
   * A session begins. `new`: its time line begins at 0. `continued`: it goes on where the one before reached the server's
   * segment limit; `resumed`: it is the same one over another connection. The media of these two belongs behind what
   * was there, whatever its own times say.
   */
  | { readonly type: 'session'; readonly how: 'new' | 'continued' | 'resumed'; readonly sessionId: string }
  /** The initialization segment of a segment. */
  | { readonly type: 'init'; readonly data: Bytes; readonly mime: string }
  /** One or more whole `moof` + `mdat` pairs. */
  | { readonly type: 'media'; readonly data: Bytes }
  /** All media of the segment that was being made is there. */
  | { readonly type: 'segment_end'; readonly segmentIdx: number }
  /** `refused`: the request that was waiting and will not be made. */
  | { readonly type: 'error'; readonly error: FastVideoError; readonly refused?: SegmentRequest | undefined }
  /** No more media comes until another session begins. */
  | ({ readonly type: 'ended' } & SessionEnd)
  /** A text frame of the server, as it came; told after what the client made of it. */
  | { readonly type: 'frame'; readonly frame: ServerFrame }
  /** A message of the server that this version of the client does not know. */
  | { readonly type: 'ignored'; readonly problem: string };

/** What happens in one segment, in order; `end` is the last. */
export type SegmentEvent =
  /** `prompt`: the one that is used; enhancement may have changed it. */
  | {
      readonly type: 'start';
      readonly segmentIdx: number;
      readonly prompt: string;
      readonly totalSteps: number;
    }
  | { readonly type: 'step'; readonly step: number; readonly totalSteps: number }
  /** Other words have effect from this frame of the segment on (`steer`). */
  | { readonly type: 'steered'; readonly atFrame: number; readonly prompt: string }
  /** The initialization segment, exactly one. */
  | { readonly type: 'init'; readonly data: Bytes; readonly mime: string }
  /** One or more whole `moof` + `mdat` pairs. */
  | { readonly type: 'media'; readonly data: Bytes }
  /** The segment is whole; `segment` has its timings. */
  | { readonly type: 'end'; readonly segment: SegmentEntry };
