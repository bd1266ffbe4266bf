import { describe, expect, it } from 'vitest';
import { frameRate } from '../../src/core/media/frame-rate.ts';
import { SoundTrack } from '../../src/core/media/sound-track.ts';
import type { AudioCarry } from '../../src/core/media/timeline.ts';
import { toneSamples } from './material.ts';

const plan = { sampleRate: 48_000, channels: 1, bitrate: 64_000 } as const;
const fps = frameRate(24);

function carryOf(start: number, length: number, nextSample: number): AudioCarry {
  return { nextSample, tailStart: start, tail: toneSamples(start, start + length, plan.sampleRate, 1) };
}

describe("a segment's sound of which a part was sent before", () => {
  // The segment begins with frame 24, at sample 48,000.
  it.each([
    ['ends where the segment begins', carryOf(44_000, 4000, 46_080)],
    ['ends short of the segment, after a cut', carryOf(45_056, 0, 45_056)],
    ['reaches beyond where the segment begins', carryOf(46_000, 4000, 48_128)],
    ['is unknown', undefined],
  ])('is where it would be without it, when the sound before %s', (_, audio) => {
    const timeline = { videoFrames: 24, ...(audio ? { audio } : {}) };
    const sent = { frames: 10, nextSample: 64 * 1024 };
    const whole = new SoundTrack(plan, fps, timeline);
    const rest = new SoundTrack(plan, fps, timeline, sent);
    for (const track of [whole, rest]) {
      track.append(toneSamples(48_000, 88_000, plan.sampleRate, 1));
      track.padTo(20);
    }
    const fed = whole.unfed();
    const fedRest = rest.unfed();
    expect(fedRest.length).toBeLessThan(fed.length);
    // The run-up begins at a multiple of 1024, two AAC frames before the first packet that is sent.
    expect(fedRest.length).toBe(88_000 - (64 - 2) * 1024);
    expect(fedRest).toEqual(fed.subarray(fed.length - fedRest.length));
    whole.sent(80 * 1024);
    rest.sent(80 * 1024);
    expect(rest.carry(20)).toEqual(whole.carry(20));
  });
});
