import { deepStrictEqual } from 'node:assert';
import { describe, expect, it } from 'vitest';
import { createMockGenerator } from '../../src/core/generators/mock/mock-generator.ts';
import { channel, collect } from './collect.ts';
import { describeGenerator } from './generator-contract.ts';

describeGenerator('The test pattern', async () => createMockGenerator());

describe('The test pattern', () => {
  it('has a caption that changes with the frame, the prompt and the seed', async () => {
    const generator = createMockGenerator();
    const size = { width: 320, height: 180, numFrames: 1 };
    const usual = captionRows((await collect(generator, size)).frames[0]);
    const { state } = await collect(generator, size);
    const changed = [
      await collect(generator, { ...size, continuationState: state }),
      await collect(generator, { ...size, prompt: 'a green fox' }),
      await collect(generator, { ...size, seed: 1025 }),
    ];
    for (const { frames } of changed) expect(captionRows(frames[0])).not.toEqual(usual);

    function captionRows(frame: Buffer | undefined): Buffer {
      return frame?.subarray((180 - 28) * 320 * 3) ?? Buffer.alloc(0);
    }
  });

  it('numbers the frames of the session, not of the segment', async () => {
    const generator = createMockGenerator();
    const size = { width: 320, height: 180 };
    const first = await collect(generator, { ...size, numFrames: 2 });
    const whole = await collect(generator, { ...size, numFrames: 3 });
    const second = await collect(generator, { ...size, numFrames: 1, continuationState: first.state });
    expect(second.state.payload.nextFrame).toBe(3);
    // "1/1" stands where "3/3" stood: the rest of the picture is the same.
    const differing = (second.frames[0] ?? Buffer.alloc(0)).filter(
      (value, at) => value !== whole.frames[2]?.[at],
    );
    expect(differing.length).toBeGreaterThan(0);
    expect(differing.length).toBeLessThan(2 * 35 * 3);
  });

  it('draws into frames that were released, and into no others', async () => {
    const size = { width: 128, height: 96, numFrames: 6 };
    const { frames: expected } = await collect(createMockGenerator(), size);
    const kept: { readonly data: Uint8Array; readonly copy: Buffer }[] = [];
    const memory = new Set<Uint8Array>();
    let at = 0;
    const { frames } = await collect(createMockGenerator(), size, undefined, (event) => {
      if (event.type !== 'frame') return;
      memory.add(event.data);
      if (at % 2 === 0) event.release?.();
      else kept.push({ data: event.data, copy: Buffer.from(event.data) });
      at += 1;
    });
    deepStrictEqual(frames, expected);
    // The second is drawn over the first, the fourth over the third, the sixth over the fifth.
    expect(memory.size).toBe(3);
    for (const { data, copy } of kept) deepStrictEqual(Buffer.from(data), copy);
  });

  it('takes any prompt, whatever its characters and length', async () => {
    const generator = createMockGenerator();
    for (const prompt of [
      '',
      '   ',
      '\u0000\u001b[31m',
      '東京 🦊',
      'x'.repeat(100_000),
      'é\nè\tà',
      '\ud800',
    ]) {
      const { frames } = await collect(generator, { prompt, width: 128, height: 96, numFrames: 1 });
      expect(frames.length).toBe(1);
    }
  });

  it('spreads the steps over the frames, whichever are more', async () => {
    const generator = createMockGenerator();
    for (const [numInferenceSteps, numFrames] of [
      [1, 5],
      [50, 3],
      [7, 7],
      [3, 8],
    ] as const) {
      const { steps } = await collect(generator, { numInferenceSteps, numFrames });
      expect(steps.map(({ step }) => step)).toEqual(
        Array.from({ length: numInferenceSteps }, (_, index) => index + 1),
      );
    }
  });

  it('reports at least one step and at most a thousand', () => {
    const generator = createMockGenerator();
    const base = { prompt: '', seed: 1, width: 2, height: 2, fps: 24, numFrames: 1, guidanceScale: 1 };
    expect(generator.totalSteps({ ...base, numInferenceSteps: 0 })).toBe(1);
    expect(generator.totalSteps({ ...base, numInferenceSteps: 1e9 })).toBe(1000);
  });

  it('beeps at each whole second of the session', async () => {
    const generator = createMockGenerator();
    const size = { width: 16, height: 16 };
    const first = await collect(generator, { ...size, numFrames: 30 });
    const second = await collect(generator, { ...size, numFrames: 30, continuationState: first.state });
    const left = [...channel(first, 0), ...channel(second, 0)];
    const loudest = (second: number) => Math.max(...left.slice(second * 48_000, second * 48_000 + 2880));
    expect(loudest(1)).toBeGreaterThan(0.2);
    expect(loudest(2)).toBeGreaterThan(0.2);
    expect(loudest(1.5)).toBeLessThan(0.11);
  });

  it('is silent when asked to be', async () => {
    const generator = createMockGenerator({ audio: false });
    expect(generator.info.audio).toBeNull();
    const { order, state } = await collect(generator);
    expect(order).not.toContain('audio');
    expect(state.payload.nextSample).toBe(12_000);
  });

  it('waits before the first frame of a segment, and stops waiting when aborted', async () => {
    const generator = createMockGenerator({ sleepMs: 3_600_000 });
    const abort = new AbortController();
    const cut = collect(generator, {}, abort.signal);
    setTimeout(() => abort.abort(), 20);
    expect((await cut).order).toEqual(['state']);

    const brief = await collect(createMockGenerator({ sleepMs: 5 }));
    deepStrictEqual(brief, await collect(createMockGenerator()));
  });
});
