import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Generator } from '../../src/core/generators/generator.ts';
import { type Collected, channel, collect, request } from './collect.ts';

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
/** Bytes as text: comparing them one by one takes long. */
const readable = ({ frames, sound, ...rest }: Collected) => ({
  ...rest,
  frames: frames.map(base64),
  sound: base64(sound),
});

/** What every generator with sound must hold; `make` gives a fresh one. */
export function describeGenerator(name: string, make: () => Promise<Generator>): void {
  describe(`${name} as a generator`, () => {
    let generator: Generator;
    beforeAll(async () => {
      generator = await make();
    });
    afterAll(() => generator.close());

    it('gives as many frames as asked for, each of width * height * 3 bytes', async () => {
      const { frames } = await collect(generator);
      expect(frames.map((frame) => frame.length)).toEqual(Array(6).fill(64 * 48 * 3));
    });

    it('gives frames that differ from each other and are not flat', async () => {
      const { frames } = await collect(generator);
      expect(new Set(frames.map((frame) => frame.toString('base64'))).size).toBe(6);
      for (const frame of frames) expect(new Set(frame).size).toBeGreaterThan(20);
    });

    it.each([
      [2, 2],
      [3, 5],
      [16, 2],
      [2, 90],
      [37, 21],
      [322, 178],
    ])('makes pictures of %i x %i', async (width, height) => {
      const { frames } = await collect(generator, { width, height, numFrames: 2 });
      expect(frames.map((frame) => frame.length)).toEqual([width * height * 3, width * height * 3]);
    });

    it.each([
      { width: 0 },
      { height: -2 },
      { width: 64.5 },
      { numFrames: 0 },
      { fps: 0 },
      { fps: Number.NaN },
      { fps: 1e-9 },
    ])('refuses %o, naming the value', async (overrides) => {
      const [value] = Object.values(overrides);
      const refusal = collect(generator, overrides);
      await expect(refusal).rejects.toMatchObject({ code: 'input_invalid' });
      await expect(refusal).rejects.toThrow(`not ${value}.`);
    });

    it.each([24, 25, 30, 23.976, 7, 1000])('gives the sound of the frames, at %d fps', async (fps) => {
      const first = await collect(generator, { fps, numFrames: 5 });
      const second = await collect(generator, { fps, numFrames: 6, continuationState: first.state });
      const { sampleRate, channels } = generator.info.audio ?? { sampleRate: 0, channels: 0 };
      const bytes = (frames: number) => Math.round((frames * sampleRate) / fps) * channels * 4;
      expect(first.sound.length).toBe(bytes(5));
      expect(first.sound.length + second.sound.length).toBe(bytes(11));
    });

    it('gives sound that is heard, starts from silence and stays within [-1, 1]', async () => {
      const left = channel(await collect(generator, { width: 16, height: 16, numFrames: 48 }), 0);
      expect(Math.abs(left[0] ?? 1)).toBeLessThan(0.001);
      expect(Math.max(...left.map(Math.abs))).toBeLessThan(1);
      const power = left.reduce((sum, value) => sum + value * value, 0) / left.length;
      const decibels = 10 * Math.log10(power);
      expect(decibels).toBeGreaterThan(-30);
      expect(decibels).toBeLessThan(-14);
    });

    it('reports the steps that it announced, counted from 1, between the frames', async () => {
      const { steps, order } = await collect(generator);
      const totalSteps = generator.totalSteps(request);
      expect(steps.map(({ step }) => step)).toEqual(
        Array.from({ length: totalSteps }, (_, index) => index + 1),
      );
      expect(new Set(steps.map(({ totalSteps: total }) => total))).toEqual(new Set([totalSteps]));
      expect(new Set(steps.map(({ stage }) => stage))).toEqual(new Set(['denoise']));
      expect(order[0]).toBe('frame');
      expect(order.indexOf('step')).toBeLessThan(order.lastIndexOf('frame'));
    });

    it('ends with a state of the announced kind', async () => {
      const { order, state } = await collect(generator);
      expect(order.at(-1)).toBe('state');
      expect(state.kind).toBe(generator.info.stateKind);
    });

    it('makes the same segment from the same request', async () => {
      expect(readable(await collect(generator))).toEqual(readable(await collect(generator)));
    });

    it('makes another picture from another seed', async () => {
      const [one, other] = [await collect(generator), await collect(generator, { seed: 7 })];
      expect(one.frames[0]?.equals(other.frames[0] ?? Buffer.alloc(0))).toBe(false);
    });

    it('goes on where a state says, as if it had not stopped', async () => {
      // So flat that no caption fits: the mock's tells the segment's length.
      const whole = await collect(generator, { numFrames: 12, height: 2 });
      const first = await collect(generator, { numFrames: 5, height: 2 });
      const second = await collect(generator, { numFrames: 7, height: 2, continuationState: first.state });
      expect([...first.frames, ...second.frames]).toEqual(whole.frames);
      expect(Buffer.concat([first.sound, second.sound]).equals(whole.sound)).toBe(true);
      expect(second.state).toEqual(whole.state);
    });

    it('goes on the same after a change of prompt that was cut in two', async () => {
      const before = await collect(generator, { numFrames: 3, height: 2 });
      const turned = { prompt: 'green ocean', height: 2 };
      const whole = await collect(generator, { ...turned, numFrames: 30, continuationState: before.state });
      const first = await collect(generator, { ...turned, numFrames: 7, continuationState: before.state });
      const second = await collect(generator, { ...turned, numFrames: 23, continuationState: first.state });
      expect([...first.frames, ...second.frames]).toEqual(whole.frames);
      expect(Buffer.concat([first.sound, second.sound]).equals(whole.sound)).toBe(true);
      expect(second.state).toEqual(whole.state);
    });

    it('lets the sound run through a change of prompt without a jump', async () => {
      const first = await collect(generator, { width: 16, height: 16, numFrames: 30 });
      const turned = { prompt: 'green ocean', width: 16, height: 16, numFrames: 30 };
      const second = await collect(generator, { ...turned, continuationState: first.state });
      const samples = [...channel(first, 1), ...channel(second, 1)];
      const steps = samples.slice(1).map((value, index) => Math.abs(value - (samples[index] ?? 0)));
      const boundary = channel(first, 1).length;
      const around = steps.slice(boundary - 2, boundary + 2);
      const usual = Math.max(...steps.slice(0, boundary - 2));
      expect(Math.max(...around)).toBeLessThanOrEqual(usual * 1.05);
    });

    it('goes on at another frame rate', async () => {
      const first = await collect(generator, { numFrames: 24, height: 2 });
      const second = await collect(generator, { fps: 30, height: 2, continuationState: first.state });
      expect(second.frames.length).toBe(6);
      expect(second.state.payload.nextFrame).toBe(36);
      expect(second.state.payload.nextSample).toBe(48_000 + 9600);
    });

    it('refuses a state of another kind, naming both kinds', async () => {
      const continuationState = { kind: 'fastvideo.ltx2.v1', payload: {} };
      const refusal = collect(generator, { continuationState });
      await expect(refusal).rejects.toMatchObject({ code: 'preset_mismatch', retryable: false });
      await expect(refusal).rejects.toThrow(/"fastvideo\.ltx2\.v1".*"fastvideo\.\w+\.v1"/);
    });

    it.each([
      ['nothing in it', () => ({})],
      ['a negative frame', (payload: object) => ({ ...payload, nextFrame: -1 })],
      ['a fractional frame', (payload: object) => ({ ...payload, nextFrame: 0.5 })],
      ['a frame beyond counting', (payload: object) => ({ ...payload, nextFrame: 1e300 })],
      ['NaN for a rate', (payload: object) => ({ ...payload, fps: Number.NaN })],
      ['a rate near zero', (payload: object) => ({ ...payload, fps: 1e-300 })],
      ['a text for a number', (payload: object) => ({ ...payload, nextSample: '12' })],
    ])('refuses a state with %s', async (_, damage) => {
      const { kind, payload } = (await collect(generator, { numFrames: 1 })).state;
      const refusal = collect(generator, { continuationState: { kind, payload: { ...damage(payload) } } });
      await expect(refusal).rejects.toMatchObject({ code: 'preset_mismatch' });
      await expect(refusal).rejects.toThrow(/damaged/);
    });

    it('stops at a frame boundary when aborted, with the state for the frames given', async () => {
      const abort = new AbortController();
      let frames = 0;
      const cut = await collect(generator, { numFrames: 1000 }, abort.signal, (event) => {
        if (event.type === 'frame') frames += 1;
        if (event.type === 'audio' && frames === 3) abort.abort();
      });
      const three = await collect(generator, { numFrames: 3 });
      expect(cut.frames.length).toBe(3);
      expect(cut.sound.equals(three.sound)).toBe(true);
      expect(cut.state).toEqual(three.state);
    });

    it('gives no frame but the state it came with when aborted before the start', async () => {
      const { state } = await collect(generator);
      const aborted = await collect(generator, { continuationState: state }, AbortSignal.abort());
      expect(aborted.order).toEqual(['state']);
      expect(aborted.state).toEqual(state);
    });

    it('sees an abort that comes through the event loop while it works', async () => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 1);
      const { frames } = await collect(
        generator,
        { numFrames: 1_000_000, width: 8, height: 8 },
        abort.signal,
      );
      expect(frames.length).toBeLessThan(1_000_000);
    });

    it('starts anew after a reader that left early', async () => {
      for await (const event of generator.generate(request, new AbortController().signal)) {
        if (event.type === 'frame') break;
      }
      expect((await collect(generator)).frames.length).toBe(6);
    });

    it('leaves frames alone once they are given', async () => {
      const kept: Uint8Array[] = [];
      const { frames } = await collect(generator, {}, undefined, (event) => {
        if (event.type === 'frame') kept.push(event.data);
      });
      expect(kept.map(base64)).toEqual(frames.map(base64));
    });

    it('closes twice, and then makes nothing more', async () => {
      const own = await make();
      await own.close();
      await own.close();
      await expect(collect(own)).rejects.toMatchObject({ code: 'generator_failed' });
    });
  });
}
