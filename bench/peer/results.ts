import type { Cost } from '../support/timed-run.ts';
import type { SegmentSize } from './sizes.ts';

/** Medians over rounds; CPU is of one segment, in milliseconds, children included. */
export interface ServerFigures {
  readonly firstMs: number;
  readonly completeMs: number;
  readonly cpuMs: number;
  readonly perSecond: number;
}

export interface SizeResult extends SegmentSize {
  readonly firstMediaBound: number;
  readonly ours: ServerFigures;
  readonly peer: ServerFigures;
  /** Colour conversion, x264 and AAC with node-av, nothing else. */
  readonly loop: Cost;
  /** System ffmpeg on the raw frames, without sound. */
  readonly ffmpeg: Cost;
}

export interface Deadlock {
  /** Whole rounds before it. */
  readonly roundsDone: number;
  /** Segments of the round that it came in: complete and asked for. */
  readonly completed: number;
  readonly asked: number;
  readonly silentMs: number;
}

export interface SessionsResult {
  readonly sessions: number;
  /** Segments that were complete and that were asked for, over all rounds. */
  readonly completed: number;
  readonly asked: number;
  readonly ours: ServerFigures;
  /** Unset where it is not asked. */
  readonly peer?: ServerFigures | Deadlock;
}

/** 484 frames of 1280x720, the start of Node included. */
export interface EncodeResult {
  readonly ours: Cost;
  readonly ffmpeg: Cost;
}

export interface PeerResults {
  readonly sizes: readonly SizeResult[];
  readonly sessions: readonly SessionsResult[];
  readonly encode: EncodeResult;
}

export function isDeadlock(figures: ServerFigures | Deadlock): figures is Deadlock {
  return 'silentMs' in figures;
}
