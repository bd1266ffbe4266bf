import type { AdapterConfig } from '../../base/config/serve-schema/adapters.ts';
import type { Logger } from '../../base/log.ts';
import type { OpeningLimits } from '../../base/opening/opening-wait.ts';
import type { AspectRatio, Resolution } from '../../base/video-shapes.ts';
import type { GenerationRequest, StreamMode } from '../../generators/generator.ts';
import type { Pool } from '../../pool/pool.ts';
import type { PromptEnhancer } from '../../prompts/enhancer.ts';
import type { ImageStorage } from '../../sessions/initial-image.ts';
import type { SessionRegistry } from '../../sessions/registry.ts';
import type { ResumableSessions } from '../../sessions/resume.ts';
import type { SessionLog } from '../../sessions/session-log.ts';
import type { RewriteDefaults } from '../http/prompt-config.ts';
import type { ServerMetrics } from '../metrics.ts';
import type { PromptGate } from '../prompt-gate.ts';
import type { Uploads } from '../uploads/uploads.ts';

/** What the operator lets clients of the project dialect choose (`streaming.creation`). */
export interface CreationSettings {
  readonly modelId: string;
  /** Besides that of the default request. */
  readonly aspectRatios: readonly AspectRatio[];
  /** Besides that of the default request. */
  readonly resolutions: readonly Resolution[];
  /** Unset: each segment has the length of the default request. */
  readonly maxSegmentSeconds?: number;
}

/** What the operator decides about sessions, in the units of the code. */
export interface StreamSettings {
  /** What a segment is made from where the client says nothing. */
  readonly defaultRequest: Omit<
    GenerationRequest,
    | 'prompt'
    | 'initImagePath'
    | 'lastImagePath'
    | 'referenceImagePaths'
    | 'continuationState'
    | 'steering'
    | 'adapters'
  >;
  /** What a client of the project dialect may choose besides. */
  readonly creation: CreationSettings;
  /** The adapters that clients may choose. */
  readonly adapters: readonly AdapterConfig[];
  /** The preset that the loaded model serves; unset: any preset fits. */
  readonly preset?: string;
  /** What a client gets that asks for none. */
  readonly streamMode: StreamMode;
  /** Segments in one session of the native dialect; `Infinity` where there is no cap. */
  readonly segmentCap: number;
  /** Segments in one rollout of the project dialect; `Infinity` where there is no cap. */
  readonly rolloutCap: number;
  readonly sessionTimeoutMs: number;
  /** How long before it is shown a picture is made at the earliest, in sessions that are made no faster than they play. */
  readonly realtimeLeadMs: number;
  /** How long the first message of a connection may take. */
  readonly opening: Readonly<Record<'native' | 'project', OpeningLimits>>;
  readonly maxQueuedRequests: number;
  /** Characters of one prompt at most. */
  readonly maxPromptChars: number;
  readonly maxCuratedPrompts: number;
  /** Messages of one client that may wait, and their bytes. */
  readonly maxWaitingMessages: number;
  readonly maxWaitingBytes: number;
  /** Calls to the safety filter and to providers of one client at once. */
  readonly maxPromptCalls: number;
  /** Bytes of a continuation state, with what it refers to. */
  readonly maxStateBytes: number;
}

/** What a session works with; built once for the server. */
export interface StreamParts {
  readonly settings: StreamSettings;
  readonly pool: Pool;
  readonly sessions: SessionRegistry;
  readonly resumable: ResumableSessions;
  readonly metrics: ServerMetrics;
  readonly gate: PromptGate;
  /** Unset: no prompt is enhanced, extended or rewritten. */
  readonly enhancer?: PromptEnhancer;
  readonly rewriteDefaults: RewriteDefaults;
  /** Keeps the pictures that clients send. */
  readonly images: ImageStorage;
  readonly uploads: Uploads;
  readonly openSessionLog: (sessionId: string) => SessionLog;
  readonly logger: Logger;
}
