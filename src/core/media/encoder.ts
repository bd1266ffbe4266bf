import type { SentMedia, Timeline } from './timeline.ts';

export interface EncodeOptions {
  /** Pixels; both must be even for 4:2:0. */
  readonly width: number;
  readonly height: number;
  /** Frames a second; a whole number or an exact fraction such as `30000/1001`. */
  readonly fps: number | { readonly num: number; readonly den: number };
  /** x264 preset; default `ultrafast`. */
  readonly preset?: string;
  /** Pixel format of the output; default `yuv420p`. */
  readonly pixelFormat?: string;
  /** H.264 profile; default: what the encoder picks. */
  readonly profile?: string;
  /** Frames from one key frame to the next; default one second's worth. */
  readonly gop?: number;
  /** How much video goes into one media chunk, in milliseconds; default 100. The first chunk goes at once. */
  readonly fragmentDurationMs?: number;
  /** Further output arguments for ffmpeg's video encoder, e.g. `['-crf', '28']`. */
  readonly extraArgs?: readonly string[];
  /** The sound that will come with the frames; unset for none. */
  readonly audio?: { readonly sampleRate: number; readonly channels: 1 | 2; readonly bitrate?: number };
  /** Where the segment before ended; unset starts at 0. */
  readonly timeline?: Timeline;
  /**
   * What was sent of this segment before. The input then has the frames behind it, but the sound of the whole segment:
   * how much of that the encoder needs to go on without a seam, it knows. Counts and timelines are the segment's.
   */
  readonly sent?: SentMedia;
  /**
   * Whether this is the end of the stream: the sound is then written to its last sample. Otherwise what does not
   * fill an AAC frame yet is carried in the timeline to the next segment. Default false.
   */
  readonly final?: boolean;
}

export type EncoderInput =
  /** One RGB24 frame, `width * height * 3` bytes. */
  | { readonly type: 'frame'; readonly data: Uint8Array }
  /** Interleaved PCM, float32 in [-1, 1] or int16. May come before, between or after the frames. */
  | { readonly type: 'audio'; readonly samples: Float32Array | Int16Array };

export type EncoderOutput =
  /** Exactly `ftyp` + `moov`; `mime` names what the moov really holds. Comes first, once. */
  | { readonly type: 'init'; readonly data: Uint8Array; readonly mime: string }
  /**
   * One or more whole `moof` + `mdat` pairs. `timeline` is where the media sent so far ends, for a stream that is cut
   * off here (it carries no sound to go on with).
   */
  | {
      readonly type: 'media';
      readonly data: Uint8Array;
      readonly frames: number;
      readonly timeline: Timeline;
    }
  /** Comes last, once: what was encoded, and where the next segment goes on. */
  | {
      readonly type: 'end';
      readonly frames: number;
      readonly durationMs: number;
      readonly timeline: Timeline;
    };

/**
 * Turns frames and sound into fragmented MP4 while they arrive.
 *
 * Backpressure is end to end: `input` is read no faster than the output is taken. Leaving the iteration early, or
 * aborting `signal`, frees everything (no process, descriptor or file stays). Throws `encoder_failed` (missing or
 * dying ffmpeg), `input_invalid` (odd size, wrong frame length, no frames).
 */
export interface Encoder {
  encode(
    input: AsyncIterable<EncoderInput>,
    options: EncodeOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<EncoderOutput, void, undefined>;
  /** Gets ready for an `encode` with these options so that its first output comes sooner. May do nothing. */
  warm(options: EncodeOptions): void;
  /** Ends whatever is still running or kept ready. May be called twice. */
  close(): Promise<void>;
}
