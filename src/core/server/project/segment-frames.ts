import type { ProjectServerFrame } from '../../protocol/project/server-frames.ts';
import type { ProjectSegment } from '../../sessions/project/project-state.ts';
import { segmentStartFrames } from '../../sessions/project/segment-steps.ts';
import { roundMs } from '../round-ms.ts';
import type { SegmentFrames } from '../session/segment-frames.ts';

/** How `/ws` tells of one segment: not of its steps, and it has no frame for JPEG files. */
export function projectFrames(segment: ProjectSegment, stream_id: string): SegmentFrames {
  const { segmentIdx: segment_idx, totalSegments: total_segments } = segment;
  const told = (frame: ProjectServerFrame): ProjectServerFrame => frame;
  return {
    started: () => segmentStartFrames(segment),
    steered: ({ atFrame: at_frame, prompt }) =>
      told({ type: 'prompt_updated', segment_idx, at_frame, prompt }),
    mediaInit: (mime) => told({ type: 'media_init', segment_idx, mime, stream_id, mode: 'av_fmp4' }),
    mediaComplete: ({ chunks }) => told({ type: 'media_segment_complete', segment_idx, stream_id, chunks }),
    completed: ({ totalMs, runMs }) => [
      told({
        type: 'step_complete',
        latency_ms: {
          total: roundMs(totalMs),
          worker_e2e: roundMs(runMs),
          main_user_step: roundMs(totalMs),
          overhead: roundMs(totalMs - runMs),
        },
      }),
      told({ type: 'ltx2_segment_complete', segment_idx, total_segments }),
    ],
  };
}
