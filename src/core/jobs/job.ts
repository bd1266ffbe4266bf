import { z } from 'zod';
import { stillFormats } from '../media/stills.ts';
import { jobStatuses } from '../protocol/http/videos.ts';

const count = z.int().min(0);

/** What a job is made from; plain data. */
const JobRequestSchema = z.object({
  prompt: z.string(),
  negative_prompt: z.string().optional(),
  seed: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  fps: z.number().positive(),
  num_frames: z.int().positive(),
  num_inference_steps: z.int().positive(),
  guidance_scale: z.number(),
  /** Of an image. */
  format: z.enum(stillFormats).optional(),
});
export type JobRequest = z.infer<typeof JobRequestSchema>;

/** A job as it is kept: one JSON file. Times are in milliseconds since 1970. */
export const JobSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  kind: z.enum(['video', 'image']),
  status: z.enum(jobStatuses),
  created_at: count,
  ended_at: count.optional(),
  /** Workers that have begun it. */
  attempts: count,
  /** Servers that ended while it was made. */
  restarts: count.default(0),
  request: JobRequestSchema,
  /** Name of the model that made it; unset before one has begun. */
  model: z.string().optional(),
  /** Name of the file with its first picture, in its folder. */
  picture: z.string().optional(),
  remixed_from: z.string().optional(),
  /** The video that it goes on from, whose media it begins with. */
  extends: z.object({ id: z.string(), frames: count, bytes: count }).optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** Bytes of all its files. */
  bytes: count,
  /** Frames in its media. */
  frames: count,
  /** Bytes of the initialization segment that its media begins with. */
  init_bytes: count,
  /** Whether a video can go on from it. */
  continuable: z.boolean(),
});
export type Job = z.infer<typeof JobSchema>;

export type JobKind = Job['kind'];

export function isOver({ status }: Pick<Job, 'status'>): boolean {
  return status !== 'queued' && status !== 'in_progress';
}

/** The names of the files in a job's folder. */
export const jobFiles = {
  record: 'job.json',
  video: 'video.mp4',
  state: 'state.json',
  thumbnail: 'thumbnail.jpg',
} as const;

export function mediaFile({ kind, request }: Pick<Job, 'kind' | 'request'>): string {
  return kind === 'video' ? jobFiles.video : `image.${request.format ?? 'jpeg'}`;
}
