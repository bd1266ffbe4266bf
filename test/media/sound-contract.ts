import { expect, it } from 'vitest';
import type { EncodeOptions, Encoder, EncoderInput } from '../../src/core/media/encoder.ts';
import { frameRate, framesToTicks } from '../../src/core/media/frame-rate.ts';
import type { Timeline } from '../../src/core/media/timeline.ts';
import {
  concatenate,
  decodeSound,
  encodeChain,
  encodeSegment,
  patternFrame,
  probe,
  tone,
  toneSamples,
  watch,
} from './material.ts';

export const width = 64;
export const height = 48;
export const picture = { width, height, fps: 24 };

/** Frames with the tone, as far as each frame lasts, that go on from the timeline. */
export async function* soundingFrames(
  timeline: Timeline,
  count: number,
  { fps, audio }: EncodeOptions,
): AsyncGenerator<EncoderInput, void, undefined> {
  if (!audio) throw new Error('no audio');
  const rate = frameRate(fps);
  const at = (frame: number) => framesToTicks(timeline.videoFrames + frame, audio.sampleRate, rate);
  for (let index = 0; index < count; index += 1) {
    const samples = toneSamples(at(index), at(index + 1), audio.sampleRate, audio.channels);
    yield { type: 'audio', samples };
    yield { type: 'frame', data: patternFrame(width, height, timeline.videoFrames + index) };
  }
}

/** Root mean square of the difference between what was decoded and the tone `shift` samples later. */
function deviation(
  decoded: Float32Array,
  sampleRate: number,
  channel: number,
  from: number,
  to: number,
  shift = 0,
) {
  let sum = 0;
  for (let position = from; position < to; position += 1) {
    sum += ((decoded[position] ?? 0) - tone(position + shift, sampleRate, channel)) ** 2;
  }
  return Math.sqrt(sum / (to - from));
}

/** Expects the decoded sound to be the tone from one position to another, exact to the sample. */
export function expectTone(
  decoded: Float32Array | undefined,
  sampleRate: number,
  channel: number,
  from: number,
  to: number,
) {
  if (!decoded) throw new Error('there is no sound');
  expect(decoded.length).toBeGreaterThanOrEqual(to);
  const exact = deviation(decoded, sampleRate, channel, from, to);
  expect(exact).toBeLessThan(0.02);
  expect(exact).toBeLessThan(deviation(decoded, sampleRate, channel, from, to, 1));
  expect(exact).toBeLessThan(deviation(decoded, sampleRate, channel, from, to, -1));
}

function largestDifference(a: Float32Array, b: Float32Array | undefined, from: number, to: number): number {
  let largest = 0;
  for (let at = from; at < to; at += 1) largest = Math.max(largest, Math.abs((a[at] ?? 0) - (b?.[at] ?? 0)));
  return largest;
}

interface SoundCase {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly fps: EncodeOptions['fps'];
  /** Frames of the segments. */
  readonly counts: readonly number[];
}

export function itSoundsThrough(encoder: Encoder, { sampleRate, channels, fps, counts }: SoundCase): void {
  it(`runs with sound of ${sampleRate} Hz and ${channels} channels through every boundary without a click, a gap or a shift`, async () => {
    const options: EncodeOptions = { ...picture, fps, audio: { sampleRate, channels } };
    const chain = await encodeChain(encoder, counts, options, (timeline, count) =>
      soundingFrames(timeline, count, options),
    );
    const film = concatenate(chain);
    expect(chain[0]?.mime).toContain('mp4a.40.2');
    const frameBytes = width * height * 3;
    const { audio, video, sound: decoded, warnings } = await watch(film, { frameBytes, channels });
    expect(warnings).toBe('');
    expect(audio.map(({ dts }) => dts)).toEqual(audio.map((_, index) => index * 1024));
    const frameCount = counts.reduce((sum, count) => sum + count, 0);
    expect(video).toHaveLength(frameCount);
    const samples = framesToTicks(frameCount, sampleRate, frameRate(fps));
    expect(audio.length).toBe(Math.ceil(samples / 1024));
    const whole = await encodeSegment(encoder, soundingFrames({ videoFrames: 0 }, frameCount, options), {
      ...options,
      final: true,
    });
    const seamless = await decodeSound(concatenate([whole]), channels);
    for (const [channel, signal] of decoded.entries()) {
      // The first AAC frame has none before it to overlap with; the last one holds the end.
      expectTone(signal, sampleRate, channel, 1024, samples - 1024);
      expect(largestDifference(signal, seamless[channel], 0, samples)).toBeLessThan(0.02);
    }
  });
}

export function itGoesOnBehind(encoder: Encoder, chunks: number): void {
  it(`goes on behind what was sent of a segment, after ${chunks} chunks`, async () => {
    const audio = { sampleRate: 48_000, channels: 2 } as const;
    const options: EncodeOptions = { ...picture, audio };
    const first = await encodeSegment(encoder, soundingFrames({ videoFrames: 0 }, 25, options), options);
    const { timeline } = first.end;
    const whole = await encodeSegment(encoder, soundingFrames(timeline, 40, options), {
      ...options,
      timeline,
    });
    const before = whole.media.slice(0, chunks);
    const count = before.reduce((sum, chunk) => sum + chunk.frames, 0);
    const nextSample = before.at(-1)?.timeline.audio?.nextSample ?? 0;
    async function* restInput(): AsyncGenerator<EncoderInput, void, undefined> {
      let index = 0;
      for await (const item of soundingFrames(timeline, 40, options)) {
        if (item.type === 'audio') yield item;
        else if (index++ >= count) yield item;
      }
    }
    const sent = { frames: count, nextSample };
    const rest = await encodeSegment(encoder, restInput(), { ...options, timeline, sent });
    expect(rest.end).toEqual(whole.end);
    expect(rest.media[0]?.frames).toBe(1);
    const joined = concatenate([first, { ...whole, media: before }, rest]);
    const unbroken = concatenate([first, whole]);
    const frameBytes = width * height * 3;
    const [times, expected] = await Promise.all([
      watch(joined, { frameBytes, channels: 2 }),
      probe(unbroken),
    ]);
    expect(times.video.map(({ dts }) => dts)).toEqual(expected.video.map(({ dts }) => dts));
    expect(times.audio.map(({ dts }) => dts)).toEqual(expected.audio.map(({ dts }) => dts));
    expect(times.sound).toHaveLength(2);
    for (const [channel, signal] of times.sound.entries()) {
      expectTone(signal, 48_000, channel, 1024, signal.length - 1024);
    }
  });
}
