import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerationRequest, Generator, GeneratorEvent } from '../../src/core/generators/generator.ts';
import { createFfmpegEncoder } from '../../src/core/media/ffmpeg/ffmpeg-encoder.ts';
import { createJpegEncoder } from '../../src/core/media/ffmpeg/jpeg-encoder.ts';
import type { Timeline } from '../../src/core/media/timeline.ts';
import { InProcessPool } from '../../src/core/pool/in-process-pool.ts';
import type { SegmentEvent } from '../../src/core/pool/pool.ts';
import { patternFrame, toneSamples } from '../media/material.ts';
import { hangLimitMs } from '../support/hang-limit.ts';
import { expectSameFilm, filmOf, mediaOf, sentIn } from './film.ts';
import { acquireOptions, collect, doneOf, request, signals } from './pool-contract.ts';

const { width, height, fps, numFrames } = { ...request, numFrames: 30 };
const sampleRate = 44_100;
const at = (frame: number) => Math.round((frame * sampleRate) / fps);
const frame = (index: number): GeneratorEvent => ({
  type: 'frame',
  data: patternFrame(width, height, index),
});
const sound = (from: number, to: number): GeneratorEvent => ({
  type: 'audio',
  samples: toneSamples(at(from), at(to), sampleRate, 1),
});
const frames = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => frame(from + index));

/** The order in which a generator may give a segment that begins with frame `n` of the session. */
const orders = {
  'all sound before the frames': (n) => [sound(n, n + numFrames), ...frames(n, n + numFrames)],
  'all sound after the frames': (n) => [...frames(n, n + numFrames), sound(n, n + numFrames)],
  'sound in two pieces, each behind its frames': (n) => [
    ...frames(n, n + 15),
    sound(n, n + 15),
    ...frames(n + 15, n + numFrames),
    sound(n + 15, n + numFrames),
  ],
  'sound that ends long before the frames': (n) => [sound(n, n + 4), ...frames(n, n + numFrames)],
  'sound that is longer than the frames': (n) => [
    ...frames(n, n + 10),
    sound(n, n + 50),
    ...frames(n + 10, n + numFrames),
  ],
  'no sound at all': (n) => frames(n, n + numFrames),
} satisfies Readonly<Record<string, (n: number) => readonly GeneratorEvent[]>>;
export const orderNames = Object.keys(orders) as (keyof typeof orders)[];

class ScriptedGenerator implements Generator {
  readonly info = {
    modelId: 'test:scripted',
    stateKind: 'test.v1',
    pictures: [],
    streamsFrames: true,
    audio: { sampleRate, channels: 1 },
  } as const;
  totalSteps = () => 0;
  close = async () => {};

  /** The prompt names the order, the seed is the segment's first frame. */
  async *generate({ prompt, seed }: GenerationRequest): AsyncGenerator<GeneratorEvent, void, undefined> {
    for (const event of orders[prompt as keyof typeof orders](seed)) yield event;
  }
}

/** What holds for a part of a segment that was sent before, whatever the order of frames and sound. */
export function describeOrders(
  names: readonly (keyof typeof orders)[],
  chunkCounts: readonly number[],
): void {
  describe('a part of a segment that was sent before', () => {
    const pool = new InProcessPool({
      createGenerator: async () => new ScriptedGenerator(),
      encoders: { fragments: createFfmpegEncoder(), jpegs: createJpegEncoder(), description: 'ffmpeg' },
      encoderSettings: {},
      capacity: 1,
      acquireTimeoutMs: hangLimitMs,
      segmentTimeoutMs: hangLimitMs,
    });
    let first: SegmentEvent[];
    const run = async (order: keyof typeof orders, timeline: Timeline, sent?: ReturnType<typeof sentIn>) => {
      const generation = { ...request, prompt: order, seed: timeline.videoFrames, numFrames };
      return await collect(await pool.run('s', { generation, timeline, ...(sent ? { sent } : {}) }, signals));
    };

    beforeAll(async () => {
      await pool.start();
      await pool.acquire('s', acquireOptions);
      first = await run('all sound before the frames', { videoFrames: 0 });
    });
    afterAll(() => pool.close());

    describe.each(names)('of a generator that gives %s', (order) => {
      it.each(chunkCounts)('is continued after chunk %i as if nothing had happened', async (chunks) => {
        const { timeline } = doneOf(first);
        const whole = await run(order, timeline);
        const before = mediaOf(whole).slice(0, chunks);
        const rest = await run(order, timeline, sentIn(before));
        expect(doneOf(rest)).toEqual(doneOf(whole));
        await expectSameFilm(filmOf(first, before, rest), filmOf(first, whole), 1);
      });

      it('leaves the next segment what was not sent of its sound', async () => {
        const { timeline } = doneOf(first);
        const whole = await run(order, timeline);
        const videoOnly = await run(order, timeline, { frames: numFrames });
        expect(mediaOf(videoOnly)).toEqual([]);
        const next = await run('all sound before the frames', doneOf(videoOnly).timeline);
        const nextWhole = await run('all sound before the frames', doneOf(whole).timeline);
        expect(doneOf(next)).toEqual(doneOf(nextWhole));
        const soundBefore = timeline.audio?.nextSample;
        expect(doneOf(videoOnly).timeline.audio?.nextSample).toBe(soundBefore);
      });
    });
  });
}
