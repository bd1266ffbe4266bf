import { z } from 'zod';
import { parseJson } from '../../base/json.ts';
import type { Message } from './message.ts';

const FrameSchema = z.looseObject({
  type: z.string(),
  code: z.string().optional(),
  retryable: z.boolean().optional(),
  session_id: z.string().optional(),
  resume_token: z.string().optional(),
});

/** What a client needs to come back to its session. */
export interface SessionKey {
  readonly sessionId: string;
  /** Unset where the replica keeps nothing for a resume. */
  readonly token?: string | undefined;
}

/** What a router has to know of the frames before a session is let in. */
export type ReplicaFrame =
  /** The replica cannot take the session now; it closes next. */
  | { readonly kind: 'rejection' }
  /** The session waits for a worker. */
  | { readonly kind: 'queued' }
  /** The session has its worker. */
  | { readonly kind: 'assigned'; readonly key: SessionKey | undefined }
  /** The replica has begun to speak: an error of the client's making, a frame that the router does not know. */
  | { readonly kind: 'other' };

/** At its limit or draining; or no worker became free in time. */
const rejections = ['session_rejected', 'gpu_unavailable'];
/** Its own failure, a store that cannot be asked: with `retryable` it may go well elsewhere. */
const failure = 'internal_error';

/** A frame that is longer is none of those that tell of the opening. */
const maxFrameBytes = 64 * 1024;

export function readReplicaFrame({ data, isBinary }: Message): ReplicaFrame {
  if (isBinary || data.length > maxFrameBytes) return { kind: 'other' };
  const parsed = FrameSchema.safeParse(parseJson(data));
  if (!parsed.success) return { kind: 'other' };
  const { type, code, retryable, session_id: sessionId, resume_token: token } = parsed.data;
  if (type === 'queue_status') return { kind: 'queued' };
  const rejects =
    code !== undefined && (rejections.includes(code) || (code === failure && retryable === true));
  if (type === 'error' && rejects) return { kind: 'rejection' };
  if (type !== 'gpu_assigned') return { kind: 'other' };
  return { kind: 'assigned', key: sessionId === undefined ? undefined : { sessionId, token } };
}

const ResumeSchema = z.looseObject({
  resume: z.looseObject({ session_id: z.string(), resume_token: z.string().optional() }),
});

/** A first frame that is longer resumes nothing: who comes back brings no picture. */
const maxResumeBytes = 256 * 1024;

/** The session that a client's first frame wants to resume. Whether the frame is valid is the replica's business. */
export function sessionToResume({ data, isBinary }: Message): SessionKey | undefined {
  // Parsing tens of megabytes of brackets takes half a minute, in which no session goes on.
  if (isBinary || data.length > maxResumeBytes || !data.includes('"resume"')) return undefined;
  const parsed = ResumeSchema.safeParse(parseJson(data));
  if (!parsed.success) return undefined;
  const { session_id: sessionId, resume_token: token } = parsed.data.resume;
  return { sessionId, token };
}
