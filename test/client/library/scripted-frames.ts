import type { Ltx2SegmentStartServerFrame, ServerFrame } from '../../../src/client/frames.ts';

/** The opening of a session. */
export function opened(session_id: string, resume_token?: string): ServerFrame[] {
  const token = resume_token === undefined ? {} : { resume_token };
  const assigned = { gpu_id: 0, session_timeout: 300, session_id, worker_id: 'w', model_id: 'm', ...token };
  return [
    { type: 'queue_status', position: 0, queue_depth: 0 },
    { type: 'gpu_assigned', ...assigned },
    { type: 'ltx2_stream_start', width: 64, height: 32, fps: 24, num_frames: 24 },
  ];
}

export const start = (segment_idx: number, prompt: string): Ltx2SegmentStartServerFrame =>
  ({ type: 'ltx2_segment_start', segment_idx, prompt, total_steps: 1, source: 'user' }) as const;

/** What follows the start of a segment whose media is `text`. */
export function segmentOf(segment_idx: number, text: string): (ServerFrame | Uint8Array)[] {
  const mime = 'video/mp4; codecs="avc1.42c01e"';
  return [
    { type: 'step_complete', segment_idx, step: 1, total_steps: 1, stage: 'denoise' },
    { type: 'media_init', segment_idx, mime, stream_id: 's', mode: 'av_fmp4' },
    Buffer.from('I'),
    Buffer.from(text),
    ...ended(segment_idx),
  ];
}

export function ended(segment_idx: number): ServerFrame[] {
  return [
    {
      type: 'media_segment_complete',
      segment_idx,
      stream_id: 's',
      chunks: 1,
      duration_ms: 1,
      pts_base_ms: 0,
      bytes: 1,
    },
    { type: 'ltx2_segment_complete', segment_idx, generation_time_ms: 1, e2e_latency_ms: 1, frames: 24 },
  ];
}
