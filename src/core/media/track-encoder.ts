import type { FastVideoError } from '../base/errors.ts';
import type { AudioPlan, EncodePlan } from './encode-plan.ts';
import type { Fragment } from './mp4/fragment.ts';

export type TrackEvent =
  /** `ftyp` + `moov`. Comes first, once. */
  | { readonly type: 'init'; readonly data: Uint8Array }
  /** One video frame or one AAC packet. */
  | { readonly type: 'fragment'; readonly fragment: Fragment };

/** Encodes the frames or the sound of one segment. Its times start at 0. */
export interface TrackEncoder {
  /** False once it has ended or failed, even if output of it is still unread. */
  readonly isRunning: boolean;
  /** Bytes written to it that it has not taken yet. */
  readonly unreadBytes: number;
  /** Resolves once it holds nothing any more; with the error unless it ended well. */
  readonly exited: Promise<FastVideoError | undefined>;
  /**
   * An RGB24 frame, or interleaved float32 samples. Resolves when there is room for more (or it has ended). One caller at
   * a time. `onRead` is called when the bytes are needed no more; not always, after an end.
   */
  write(data: Uint8Array, onRead?: () => void): Promise<void>;
  /** Without waiting: for input whose amount is bounded elsewhere. */
  writeNow(data: Uint8Array): void;
  /** No more input: it gives what it still holds and ends. */
  end(): void;
  /** What comes out; made no faster than it is taken. Ends with the encoder, however that ends. */
  events(): AsyncGenerator<TrackEvent, void, undefined>;
  /** Ends it at once, if it still runs, and waits until it has gone. */
  kill(): Promise<void>;
}

/** Where the encoders of segments come from. */
export interface TrackEncoders {
  /** For the frames of one segment. Throws `encoder_failed`. */
  video(plan: EncodePlan): TrackEncoder;
  /** For the sound of one segment; it has been given the lead silence. Throws `encoder_failed`. */
  sound(plan: AudioPlan): TrackEncoder;
  /** Gets ready for a segment. Throws `encoder_failed` where that cannot be. */
  warm(plan: EncodePlan): void;
  /** Ends what is kept ready. May be called twice. */
  close(): Promise<void>;
}
