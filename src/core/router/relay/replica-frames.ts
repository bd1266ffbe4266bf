import { z } from 'zod';
import type { Message } from './message.ts';

const FrameSchema = z.looseObject({
  type: z.string(),
  code: z.string().optional(),
  session_id: z.string().optional(),
});

/** What a router has to know of the frames before a session is let in. */
export type ReplicaFrame =
  /** The replica takes no session now; it closes next. */
  | { readonly kind: 'rejection' }
  /** The session waits for a worker. */
  | { readonly kind: 'queued' }
  /** The session is let in. */
  | { readonly kind: 'other'; readonly sessionId: string | undefined };

/** At its limit or draining; or no worker became free in time. Both end with close 1013. */
const rejections = ['session_rejected', 'gpu_unavailable'];

/** A frame that is longer is none of those that tell of the opening. */
const maxFrameBytes = 64 * 1024;

export function readReplicaFrame({ data, isBinary }: Message): ReplicaFrame {
  const other: ReplicaFrame = { kind: 'other', sessionId: undefined };
  if (isBinary || data.length > maxFrameBytes) return other;
  const parsed = FrameSchema.safeParse(parseJson(data));
  if (!parsed.success) return other;
  const { type, code, session_id: sessionId } = parsed.data;
  if (type === 'queue_status') return { kind: 'queued' };
  if (type === 'error' && code !== undefined && rejections.includes(code)) return { kind: 'rejection' };
  return type === 'gpu_assigned' ? { kind: 'other', sessionId } : other;
}

const ResumeSchema = z.looseObject({ resume: z.looseObject({ session_id: z.string() }) });

/** The session that a client's first frame wants to resume. Whether the frame is valid is the replica's business. */
export function sessionToResume({ data, isBinary }: Message): string | undefined {
  // Not parsed without need: an initial image makes it tens of megabytes.
  if (isBinary || !data.includes('"resume"')) return undefined;
  const parsed = ResumeSchema.safeParse(parseJson(data));
  return parsed.success ? parsed.data.resume.session_id : undefined;
}

function parseJson(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    return undefined;
  }
}
