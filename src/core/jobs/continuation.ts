import { z } from 'zod';
import type { Timeline } from '../media/timeline.ts';
import { type ContinuationState, ContinuationStateSchema } from '../protocol/continuation-state.ts';
import { replaceInPayload } from '../protocol/state-members.ts';

/** What the next segment of a clip goes on from. */
export interface Continuation {
  readonly state: ContinuationState;
  readonly timeline: Timeline;
}

const bytesMember = '$base64';
const BytesSchema = z.strictObject({ [bytesMember]: z.base64() });

const StoredSchema = z.object({
  state: ContinuationStateSchema,
  video_frames: z.int().min(0),
  audio: z.object({ next_sample: z.int(), tail_start: z.int(), tail: z.base64() }).optional(),
});

/** As one JSON text: bytes stand in base64. */
export function writeContinuation({ state, timeline: { videoFrames, audio } }: Continuation): string {
  const payload = replaceInPayload(state.payload, (member) =>
    member instanceof Uint8Array ? { [bytesMember]: base64Of(member) } : member,
  );
  const stored: z.input<typeof StoredSchema> = {
    state: { kind: state.kind, payload },
    video_frames: videoFrames,
    ...(audio
      ? {
          audio: {
            next_sample: audio.nextSample,
            tail_start: audio.tailStart,
            tail: base64Of(new Uint8Array(audio.tail.buffer, audio.tail.byteOffset, audio.tail.byteLength)),
          },
        }
      : {}),
  };
  return JSON.stringify(stored);
}

/** Throws for a text that `writeContinuation` did not write. */
export function readContinuation(text: string): Continuation {
  const { state, video_frames: videoFrames, audio } = StoredSchema.parse(JSON.parse(text));
  const payload = replaceInPayload(state.payload, (member) => {
    const bytes = BytesSchema.safeParse(member);
    return bytes.success ? bytesOf(bytes.data[bytesMember]) : member;
  });
  if (!audio) return { state: { kind: state.kind, payload }, timeline: { videoFrames } };
  const tail = bytesOf(audio.tail);
  return {
    state: { kind: state.kind, payload },
    timeline: {
      videoFrames,
      audio: {
        nextSample: audio.next_sample,
        tailStart: audio.tail_start,
        tail: new Float32Array(tail.buffer, 0, Math.floor(tail.length / 4)),
      },
    },
  };
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** In a buffer of its own: numbers are read from its beginning. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
