import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packRun, unpackRun } from '../../../src/core/generators/program/run-message.ts';
import type { Timeline } from '../../../src/core/media/timeline.ts';
import { ToWorkerSchema } from '../../../src/core/protocol/worker/messages.ts';
import { request } from '../collect.ts';
import { anyState } from './any-state.ts';
import { anyTimeline } from './any-timeline.ts';

/** As a worker gets it. */
function received(run: Parameters<typeof packRun>[1]) {
  const { message, payload } = packRun(7, run);
  const parsed = ToWorkerSchema.parse(JSON.parse(JSON.stringify(message)));
  if (parsed.type !== 'run') throw new Error(`It became a ${parsed.type} message.`);
  return { message: parsed, payload: new Uint8Array(payload) };
}

const sound: Timeline = {
  videoFrames: 5,
  audio: { nextSample: 4096, tailStart: 3000, tail: Float32Array.of(0.5, -0.25) },
};

describe('the message that begins a run', () => {
  it('says all that the segment is made from', () => {
    const optional = fc.record(
      { negativePrompt: fc.string(), initImagePath: fc.string(), continuationState: anyState },
      { requiredKeys: [] },
    );
    const anySent = fc.record({ frames: fc.nat(), nextSample: fc.nat() }, { requiredKeys: ['frames'] });
    fc.assert(
      fc.property(
        optional,
        anyTimeline,
        fc.constantFrom('av_fmp4' as const, 'legacy_jpeg' as const),
        fc.option(anySent, { nil: undefined }),
        (extra, timeline, streamMode, sent) => {
          const generation = { ...request, ...extra };
          const run = { generation, timeline, streamMode, ...(sent ? { sent } : {}) };
          const { message, payload } = received(run);
          // Compares bytes far faster than `toEqual`.
          deepStrictEqual(unpackRun(message, payload), structuredClone(run));
        },
      ),
    );
  });

  it('begins a session where none is given: no frame, no sound, av_fmp4', () => {
    const { message, payload } = received({ generation: request });
    expect(message).toMatchObject({
      run_id: 7,
      timeline: { video_frames: 0 },
      stream_mode: 'av_fmp4',
    });
    expect(payload.length).toBe(0);
  });

  it('counts the offsets of the blobs from the start of the payload, the sound included', () => {
    const continuationState = { kind: 'k', payload: { latents: Uint8Array.of(1, 2, 3) } };
    const { message, payload } = received({
      generation: { ...request, continuationState },
      timeline: sound,
    });
    expect(message.timeline.audio?.tail_bytes).toBe(8);
    expect(message.request.continuation_state?.payload).toEqual({
      latents: { $blob: { offset: 8, length: 3, encoding: 'binary' } },
    });
    expect([...payload.subarray(8)]).toEqual([1, 2, 3]);
  });

  it('is refused with preset_mismatch when a client brought a state that names blobs of nobody', () => {
    const continuationState = {
      kind: 'k',
      payload: { latents: { $blob: { offset: 0, length: 999, encoding: 'binary' } } },
    };
    const { message, payload } = received({ generation: { ...request, continuationState }, timeline: sound });
    expect(() => unpackRun(message, payload)).toThrow(
      expect.objectContaining({
        code: 'preset_mismatch',
        retryable: false,
        message: expect.stringContaining('outside'),
      }),
    );
  });
});
