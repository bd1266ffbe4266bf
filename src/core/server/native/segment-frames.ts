import type { ServerFrame } from '../../protocol/native/server-frames.ts';
import type { CurrentSegment } from '../../sessions/session.ts';
import { roundMs } from '../round-ms.ts';
import type { SegmentFrames } from '../session/segment-frames.ts';

export interface NativeSegment {
  readonly segment: CurrentSegment;
  readonly fps: number;
  /** Milliseconds of media before it. */
  readonly ptsBaseMs: number;
  readonly holdsSteps: boolean;
}

/** How `/v1/stream` tells of one segment. */
export function nativeFrames({ segment, fps, ptsBaseMs, holdsSteps }: NativeSegment): SegmentFrames {
  const { segmentIdx: segment_idx, streamId: stream_id, prompt } = segment;
  const told = (frame: ServerFrame): ServerFrame => frame;
  return {
    holdsSteps,
    started: (total_steps) => [
      told({
        type: 'ltx2_segment_start',
        segment_idx,
        prompt: prompt.prompt,
        total_steps,
        source: prompt.source,
      }),
    ],
    step: ({ step, totalSteps: total_steps, stage }) =>
      told({ type: 'step_complete', segment_idx, step, total_steps, stage }),
    steered: ({ atFrame: at_frame, prompt: words }) =>
      told({ type: 'prompt_updated', segment_idx, at_frame, prompt: words }),
    mediaInit: (mime) => told({ type: 'media_init', segment_idx, mime, stream_id, mode: 'av_fmp4' }),
    jpegs: (files, start_frame) =>
      told({
        type: 'frame_batch',
        segment_idx,
        frames: files.map((file) => Buffer.from(file).toString('base64')),
        start_frame,
      }),
    mediaComplete: ({ chunks, bytes, frames }) =>
      told({
        type: 'media_segment_complete',
        segment_idx,
        stream_id,
        chunks,
        duration_ms: roundMs((frames * 1000) / fps),
        pts_base_ms: roundMs(ptsBaseMs),
        bytes,
      }),
    completed: ({ totalMs, sinceRequestMs, firstMediaMs }, { frames }) => [
      told({
        type: 'ltx2_segment_complete',
        segment_idx,
        generation_time_ms: roundMs(totalMs),
        e2e_latency_ms: roundMs(sinceRequestMs),
        ...(firstMediaMs === undefined ? {} : { time_to_first_media_ms: roundMs(firstMediaMs) }),
        frames,
      }),
    ],
    cancelled: () => told({ type: 'segment_cancelled', segment_idx }),
  };
}
