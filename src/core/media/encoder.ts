import type { RawFormat } from './raw-format.ts';
import type { SentMedia, Timeline } from './timeline.ts';

export interface EncodeOptions {
  /** Pixels; both must be even for 4:2:0. */
  readonly width: number;
  readonly height: number;
  /** Frames a second; a whole number or an exact fraction such as `30000/1001`. */
  readonly fps: number | { readonly num: number; readonly den: number };
  /** How the frames come; default `rgb24`. */
  readonly sourceFormat?: RawFormat;
  /** Whether YUV frames come with values from 0 to 255; default false. */
  readonly fullRange?: boolean;
  /** FFmpeg's name of the video encoder; default `libx264`. */
  readonly codec?: string;
  /** Of the codec; default the fastest: `ultrafast` of x264, `p1` of NVENC, `veryfast` of Quick Sync. */
  readonly preset?: string;
  /** Of the codec; default `zerolatency` of x264, `ull` of NVENC. `none`: no tuning. */
  readonly tune?: string;
  /** Pixel format of the output; default `yuv420p`. */
  readonly pixelFormat?: string;
  /** H.264 profile; default: what the encoder picks. */
  readonly profile?: string;
  /** Constant quality, 0 (best) to 51; default what the codec picks. Not with `bitrate`. */
  readonly crf?: number;
  /** Bits a second that the video may take; default no limit. Not with `crf`. */
  readonly bitrate?: number;
  /** Frames from one key frame to the next; default what `gopSeconds` says. */
  readonly gop?: number;
  /** Seconds from one key frame to the next, rounded to whole frames; default 1. */
  readonly gopSeconds?: number;
  /** How much video goes into one media chunk, in milliseconds; default 100. The first chunk goes at once. */
  readonly fragmentDurationMs?: number;
  /** Further options of the video encoder as ffmpeg's command line takes them, e.g. `['-x264-params', 'ref=2']`. */
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

/** What of it an operator sets; the rest comes from the request and from what is generated. */
export type EncoderSettings = Pick<
  EncodeOptions,
  | 'codec'
  | 'preset'
  | 'tune'
  | 'profile'
  | 'pixelFormat'
  | 'gop'
  | 'gopSeconds'
  | 'fragmentDurationMs'
  | 'crf'
  | 'bitrate'
  | 'extraArgs'
>;

export type EncoderInput =
  /** One frame in the source format (RGB24: `width * height * 3` bytes); `release` may be called once they have been read, and are not theirs any more. */
  | { readonly type: 'frame'; readonly data: Uint8Array; readonly release?: () => void }
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
