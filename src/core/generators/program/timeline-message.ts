import type { Timeline } from '../../media/timeline.ts';
import type { TimelineMessage } from '../../protocol/worker/messages.ts';

/** Splits a timeline into the part that goes into the header and the sound that begins the payload. */
export function packTimeline(timeline: Timeline): { header: TimelineMessage; payload: Uint8Array } {
  const { videoFrames, audio } = timeline;
  if (!audio) return { header: { video_frames: videoFrames }, payload: new Uint8Array(0) };
  const { nextSample, tailStart, tail } = audio;
  const payload = new Uint8Array(tail.buffer, tail.byteOffset, tail.byteLength);
  return {
    header: {
      video_frames: videoFrames,
      audio: { next_sample: nextSample, tail_start: tailStart, tail_bytes: payload.length },
    },
    payload,
  };
}

/** Without the payload that belongs to it, a timeline has no sound to go on with. */
export function unpackTimeline(header: TimelineMessage, payload?: Uint8Array): Timeline {
  if (!header.audio) return { videoFrames: header.video_frames };
  // Copied: a Float32Array wants an offset that is a multiple of 4.
  const bytes = payload?.slice(0, header.audio.tail_bytes) ?? new Uint8Array(0);
  const tail = new Float32Array(bytes.buffer, 0, Math.floor(bytes.length / 4));
  return {
    videoFrames: header.video_frames,
    audio: { nextSample: header.audio.next_sample, tailStart: header.audio.tail_start, tail },
  };
}
