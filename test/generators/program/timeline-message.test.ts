import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packTimeline, unpackTimeline } from '../../../src/core/generators/program/timeline-message.ts';
import { anyTimeline } from './any-timeline.ts';

describe('a timeline in a message', () => {
  it('comes back as it was, whatever lies behind its sound', () => {
    fc.assert(
      fc.property(anyTimeline, fc.uint8Array({ maxLength: 20 }), (timeline, behind) => {
        const { header, payload } = packTimeline(timeline);
        const message = new Uint8Array(Buffer.concat([payload, behind]));
        expect(unpackTimeline(JSON.parse(JSON.stringify(header)), message)).toEqual(timeline);
      }),
    );
  });

  it('is read at any place of a larger message, where no float may lie', () => {
    const { header, payload } = packTimeline({
      videoFrames: 1,
      audio: { nextSample: 2, tailStart: -1, tail: Float32Array.of(0.5, -0.5) },
    });
    const message = new Uint8Array(Buffer.concat([Uint8Array.of(9), payload]));
    const { audio } = unpackTimeline(header, message.subarray(1));
    expect([...(audio?.tail ?? [])]).toEqual([0.5, -0.5]);
  });

  it('sends the part of a larger sound that it holds, and no more', () => {
    const sound = Float32Array.of(1, 0.5, 0.25, 0.125);
    const { header, payload } = packTimeline({
      videoFrames: 0,
      audio: { nextSample: 0, tailStart: 0, tail: sound.subarray(1, 3) },
    });
    expect(header.audio?.tail_bytes).toBe(8);
    expect(Buffer.from(payload).readFloatLE(0)).toBe(0.5);
  });

  it('has no sound to go on with where the payload is left out', () => {
    const header = { video_frames: 3, audio: { next_sample: 10, tail_start: 4, tail_bytes: 24 } };
    expect(unpackTimeline(header)).toEqual({
      videoFrames: 3,
      audio: { nextSample: 10, tailStart: 4, tail: new Float32Array(0) },
    });
  });
});
