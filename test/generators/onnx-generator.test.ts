import { describe, expect, it } from 'vitest';
import type { Generator } from '../../src/core/generators/generator.ts';
import { createOnnxGenerator } from '../../src/core/generators/onnx/onnx-generator.ts';
import { collect } from './collect.ts';
import { describeGenerator } from './generator-contract.ts';

describeGenerator('The embedded network', () => createOnnxGenerator());

describe('The embedded network', () => {
  it('moves: a second later the picture is another, and from one frame to the next only a little', async () => {
    const generator = await createOnnxGenerator();
    const { frames } = await collect(generator, { numFrames: 25, width: 128, height: 72 });
    const [first, second, last] = [frames[0], frames[1], frames[24]].map((frame) => frame ?? Buffer.alloc(0));
    expect(meanDifference(first, second)).toBeLessThan(6);
    expect(meanDifference(first, last)).toBeGreaterThan(8);
    await generator.close();
  });

  it('gives each prompt a picture of its own', async () => {
    const generator = await createOnnxGenerator();
    const pictures = [];
    for (const prompt of ['a cat', 'a dog', 'the sea at night', '', 'une forêt', '東京の夜']) {
      const { frames } = await collect(generator, { prompt, numFrames: 1 });
      pictures.push(frames[0]);
    }
    for (const [index, picture] of pictures.entries()) {
      for (const other of pictures.slice(index + 1)) {
        expect(meanDifference(picture, other)).toBeGreaterThan(10);
      }
    }
    await generator.close();
  });

  it.each([
    ['a red balloon', 0],
    ['green leaves in a green light', 1],
    ['the blue of the blue hour', 2],
  ])('colours "%s" as it says', async (prompt, channel) => {
    const generator = await createOnnxGenerator();
    for (const seed of [1, 2, 3]) {
      const { frames } = await collect(generator, { prompt, seed, numFrames: 1 });
      const means = [0, 1, 2].map((index) => channelMean(frames[0] ?? Buffer.alloc(0), index));
      expect(means.indexOf(Math.max(...means))).toBe(channel);
    }
    await generator.close();
  });

  it('turns from one prompt to the next bit by bit, from the very picture that would have come', async () => {
    const generator = await createOnnxGenerator();
    const size = { width: 64, height: 48 };
    const first = await collect(generator, { ...size, numFrames: 10 });
    const straight = await collect(generator, { ...size, continuationState: first.state, numFrames: 24 });
    const turned = await turnAfter(generator, first.state);
    const isSame = (index: number) => turned.frames[index]?.equals(straight.frames[index] ?? Buffer.alloc(0));
    expect([isSame(0), isSame(1)]).toEqual([true, false]);
    const frames = [...first.frames, ...turned.frames];
    const steps = frames.slice(1).map((frame, index) => meanDifference(frame, frames[index]));
    expect(Math.max(...steps)).toBeLessThan(25);
    // 0.75 s at 24 fps are 18 frames.
    expect((await turnAfter(generator, first.state, 18)).state.payload.fade).toBeNull();
    expect((await turnAfter(generator, first.state, 17)).state.payload.fade).not.toBeNull();
    await generator.close();
  });

  it.each([
    ['too short a latent', { z: Array(31).fill(0) }],
    ['too long a latent', { z: Array(33).fill(0) }],
    ['a latent with NaN', { z: [...Array(31).fill(0), Number.NaN] }],
    ['an infinite latent', { z: [...Array(31).fill(0), Number.POSITIVE_INFINITY] }],
    ['a huge latent', { z: Array(32).fill(1e30) }],
    ['a damaged fade', { fade: { from: [1], startFrame: 0, frames: 3 } }],
  ])('refuses a state with %s', async (_, damage) => {
    const generator = await createOnnxGenerator();
    const { kind, payload } = (await collect(generator, { numFrames: 1 })).state;
    const continuationState = { kind, payload: { ...payload, ...damage } };
    await expect(collect(generator, { continuationState })).rejects.toMatchObject({
      code: 'preset_mismatch',
    });
    await generator.close();
  });

  it('stays finite with the largest latent that it takes, years into a session', async () => {
    const generator = await createOnnxGenerator();
    const { kind, payload } = (await collect(generator, { numFrames: 1 })).state;
    const z = Array.from({ length: 32 }, (_, index) => (index < 20 ? 100 : 0.5));
    const continuationState = { kind, payload: { ...payload, z, nextFrame: 1e10 } };
    const { frames } = await collect(generator, { continuationState, numFrames: 30 });
    expect(frames.length).toBe(30);
    await generator.close();
  });
});

function turnAfter(
  generator: Generator,
  continuationState: { kind: string; payload: Record<string, unknown> },
  numFrames = 24,
) {
  return collect(generator, { prompt: 'golden desert', continuationState, numFrames });
}

function meanDifference(one: Buffer | undefined, other: Buffer | undefined): number {
  if (one === undefined || other === undefined) throw new Error('A frame is missing.');
  return one.reduce((sum, value, index) => sum + Math.abs(value - (other[index] ?? 0)), 0) / one.length;
}

function channelMean(frame: Buffer, channel: number): number {
  let sum = 0;
  for (let at = channel; at < frame.length; at += 3) sum += frame[at] ?? 0;
  return (sum * 3) / frame.length;
}
