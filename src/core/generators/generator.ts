import type { ContinuationState } from '../protocol/continuation-state.ts';
import type { Continuation, RequestLimits } from '../protocol/worker/capabilities.ts';
import type { PictureInput } from '../protocol/worker/picture-inputs.ts';
import type { AdapterSelection } from './adapters/selection.ts';
import type { Pace } from './pace.ts';
import type { SteeringInbox, SteeringStep } from './steering.ts';

/** What one segment is made from: the operator's `default_request` with the client's overrides. */
export interface GenerationRequest {
  readonly prompt: string;
  readonly negativePrompt?: string;
  readonly seed: number;
  /** Pixels; both even. */
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  /** Frames in the segment, at least 1. */
  readonly numFrames: number;
  readonly numInferenceSteps: number;
  readonly guidanceScale: number;
  /** Path of a PNG, JPEG or WebP file that the video starts from; only with a session's first segment. */
  readonly initImagePath?: string;
  /** The same for the picture that this segment ends with. */
  readonly lastImagePath?: string;
  /** The same for pictures of what is to be seen, in the client's order; with each segment. */
  readonly referenceImagePaths?: readonly string[];
  /** Where to go on; unset for the first segment and for single clips. */
  readonly continuationState?: ContinuationState;
  /** The changes of the prompt that an earlier run of this segment had: they have effect at the same frames. */
  readonly steering?: readonly SteeringStep[];
  /** What the session chose; unset: those that the server has applied. */
  readonly adapters?: AdapterSelection;
}

/** How the media of a segment leaves: fragmented MP4, or a JPEG file for each frame. */
export type StreamMode = 'av_fmp4' | 'legacy_jpeg';

/** What a generator tells about itself once it is loaded. */
export interface GeneratorInfo {
  /** Name of the model as clients see it, e.g. `builtin:cppn`. */
  readonly modelId: string;
  /** The `kind` of the continuation states that it makes and takes. */
  readonly stateKind: string;
  /** Whether frames come while later ones are still being made. */
  readonly streamsFrames: boolean;
  /** The pictures that it uses; a request with another one is made without. */
  readonly pictures: readonly PictureInput[];
  /** Whether a segment that continues none needs an `initImagePath`; unset: no. */
  readonly needsFirstFrame?: boolean;
  /** How a segment goes on from the one before; unset: from a `state`. */
  readonly continuation?: Continuation;
  /** The sound that it makes, or null for silent video. Samples are interleaved float32 in [-1, 1]. */
  readonly audio: AudioFormat | null;
  /** Whether the prompt of a segment can be changed while it is made; unset: it cannot. */
  readonly steering?: boolean;
  /** Whether segments have sound; unset: whether `audio` is not null. */
  readonly sound?: boolean;
  /** What requests it takes; unset: all. */
  readonly limits?: RequestLimits;
  /** Whether adapters can be applied to it; default false. */
  readonly adapters?: boolean;
}

export interface AudioFormat {
  /** Samples a second, e.g. 48000. */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
}

export type GeneratorEvent =
  /** A step is done. `step` counts from 1; `stage` names what was done, `denoise` for the wire's usual case. */
  | { readonly type: 'step'; readonly step: number; readonly totalSteps: number; readonly stage: string }
  /**
   * The sound of this segment, where the generator learns of it only now; before the first frame. Without it the
   * info's `audio` holds.
   */
  | { readonly type: 'audio_format'; readonly audio: AudioFormat | null }
  /**
   * One RGB24 frame, `width * height * 3` bytes, rows from the top. The consumer may keep the bytes, or call `release`
   * when it has read them: they are written over then.
   */
  | { readonly type: 'frame'; readonly data: Uint8Array; readonly release?: () => void }
  /** A change of the prompt has effect: the next frame is the first that shows it. */
  | ({ readonly type: 'steered' } & SteeringStep)
  /** Sound that goes on where the last sound ended: interleaved float32 samples in [-1, 1]. */
  | { readonly type: 'audio'; readonly samples: Float32Array }
  /** Where the next segment would go on. The last one counts. */
  | { readonly type: 'state'; readonly state: ContinuationState };

/** What has its say while a segment is made. */
export interface RunControl {
  /** Is told the number of steps, by generators that know it only when a segment has begun. */
  readonly onBegin?: (totalSteps: number) => void;
  /** Changes of the prompt; unset: none come. */
  readonly steering?: SteeringInbox;
  /** When frames may be made; unset: as soon as they can be. */
  readonly pace?: Pace;
}

/**
 * What makes frames. One `generate` runs at a time.
 *
 * When `signal` aborts, `generate` ends early and without an error at the next frame boundary, with a `state` for the
 * frames it has given. Throws `generator_failed` when it cannot go on, and `preset_mismatch` for a continuation state
 * of another kind.
 */
export interface Generator {
  readonly info: GeneratorInfo;
  /** Whether a segment may begin with an `audio_format` event; unset: none does. */
  readonly tellsAudioFormat?: boolean;
  /** Whether the number of steps is known only when a segment has begun: `onBegin` is told then. Unset: it is not. */
  readonly tellsSteps?: boolean;
  /** How many `step` events a request will bring; sent ahead as `total_steps`. */
  totalSteps(request: GenerationRequest): number;
  generate(
    request: GenerationRequest,
    signal: AbortSignal,
    control?: RunControl,
  ): AsyncIterable<GeneratorEvent>;
  /**
   * What is made from now on is made with these adapters and no others; at first with none. Where it throws none is
   * applied. Unset: it takes none.
   */
  adapt?(selection: AdapterSelection): Promise<void>;
  close(): Promise<void>;
}
