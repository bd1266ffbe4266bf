import { isOver } from '../../jobs/job.ts';
import type { JobEntry } from '../../jobs/job-entry.ts';
import type { Video } from '../../protocol/http/videos.ts';

/** A job as clients see it. */
export function videoOf(
  { job, percent }: JobEntry,
  { modelId, ttlMs }: { readonly modelId: string; readonly ttlMs: number },
): Video {
  const { request, ended_at: endedAt } = job;
  const frames = (job.extends?.frames ?? 0) + request.num_frames;
  return {
    id: job.id,
    object: 'video',
    model: job.model ?? modelId,
    status: job.status,
    progress: percent,
    created_at: secondsOf(job.created_at),
    completed_at: endedAt === undefined ? null : secondsOf(endedAt),
    expires_at: endedAt === undefined ? null : secondsOf(endedAt + ttlMs),
    prompt: request.prompt,
    size: `${request.width}x${request.height}`,
    seconds: String(Number((frames / request.fps).toFixed(3))),
    fps: request.fps,
    num_frames: isOver(job) && job.frames > 0 ? job.frames : frames,
    seed: request.seed,
    quality: 'standard',
    remixed_from_video_id: job.remixed_from ?? null,
    extended_from_video_id: job.extends?.id ?? null,
    error: job.error ?? null,
  };
}

export function secondsOf(ms: number): number {
  return Math.floor(ms / 1000);
}
