import { describe, expect, it } from 'vitest';
import { createEchoProvider } from '../../src/core/prompts/providers/echo-provider.ts';
import type { StandInReply } from '../support/stand-in-provider.ts';
import { enhancerOver } from './enhancers.ts';
import { down, one, two, twoStandIns } from './two-stand-ins.ts';

twoStandIns();

describe('two providers', () => {
  it('do not lose a prompt when the first fails now and then, in every way', async () => {
    const ways: StandInReply[] = [
      down,
      { kind: 'cut' },
      { kind: 'raw', body: 'rubbish' },
      { kind: 'answer', content: '' },
      { kind: 'answer', content: 'fine' },
    ];
    one.reply(({ index }) => ways[index % ways.length] ?? down);
    const enhancer = enhancerOver([one, two]);
    const prompts = Array.from({ length: 60 }, (_, index) => `prompt ${index}`);
    const answers = await Promise.all(prompts.map((prompt) => enhancer.enhance(prompt)));
    answers.forEach(({ content, provider, fallbackUsed }, index) => {
      expect(content).toBe(provider === 'one' ? 'fine' : `better: prompt ${index}`);
      expect(fallbackUsed).toBe(provider === 'two');
    });
    const [first, second] = enhancer.stats();
    expect((first?.successes ?? 0) + (second?.successes ?? 0)).toBe(60);
    expect(second?.failures).toBe(0);
  });

  it('both fail: one error names both', async () => {
    one.reply(down);
    two.reply({ kind: 'raw', body: '{}' });
    await expect(enhancerOver([one, two]).enhance('a fox')).rejects.toMatchObject({
      code: 'prompt_failed',
      retryable: true,
      message: 'No provider could answer: one answered 500 no luck; two answered without choices.',
    });
  });

  it('are not both asked for what the first refuses', async () => {
    one.reply({ kind: 'status', status: 400 });
    await expect(enhancerOver([one, two]).enhance('a fox')).rejects.toMatchObject({ retryable: false });
    expect(two.calls).toHaveLength(0);
  });

  it('use a model of their own where the first was asked for another', async () => {
    one.reply(down);
    const answer = await enhancerOver([one, two]).enhance('a fox', { model: 'special' });
    expect([one.calls[0]?.body['model'], two.calls[0]?.body['model'], answer.model]).toEqual([
      'special',
      'model-2',
      'model-2',
    ]);
  });

  it('can be added later, before and after', async () => {
    const enhancer = enhancerOver([one]);
    enhancer.register(createEchoProvider(), 'last');
    one.reply(down);
    expect(await enhancer.enhance('a fox')).toMatchObject({ provider: 'echo', fallbackUsed: true });
    enhancer.register(createEchoProvider('offline'), 'first');
    expect(await enhancer.enhance('a fox')).toMatchObject({
      content: 'a fox (enhanced)',
      provider: 'offline',
      fallbackUsed: false,
    });
    expect(enhancer.stats().map(({ provider }) => provider)).toEqual(['offline', 'one', 'echo']);
  });
});

describe('a provider that fails', () => {
  it('is passed over after three failures in a row, then tried once, for longer each time', async () => {
    let now = 1_000_000;
    one.reply(down);
    const enhancer = enhancerOver([one, two], { now: () => now });
    for (let count = 0; count < 5; count += 1) await enhancer.enhance('a fox');
    expect([one.calls.length, two.calls.length]).toEqual([3, 5]);
    expect(enhancer.stats()[0]).toEqual({
      provider: 'one',
      model: 'model-1',
      calls: 3,
      successes: 0,
      failures: 3,
      skippedUntil: new Date(now + 10_000),
    });
    for (const skipMs of [20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      now = enhancer.stats()[0]?.skippedUntil?.getTime() ?? 0;
      const before = one.calls.length;
      await Promise.all([enhancer.enhance('a fox'), enhancer.enhance('a dog'), enhancer.enhance('a cat')]);
      expect(one.calls.length - before).toBe(1);
      expect(enhancer.stats()[0]?.skippedUntil).toEqual(new Date(now + skipMs));
    }
    now += 300_000;
    one.reply({ kind: 'answer', content: 'well again' });
    expect(await enhancer.enhance('a fox')).toMatchObject({ content: 'well again', fallbackUsed: false });
    expect(enhancer.stats()[0]).not.toHaveProperty('skippedUntil');
  });

  it('is skipped once for calls that failed side by side', async () => {
    one.reply(down);
    const enhancer = enhancerOver([one, two], { now: () => 0 });
    await Promise.all(Array.from({ length: 16 }, () => enhancer.enhance('a fox')));
    expect(enhancer.stats()[0]?.skippedUntil).toEqual(new Date(10_000));
  });

  it('is left alone until the time it asks for, in seconds or as a date', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z');
    one.reply({ kind: 'status', status: 429, headers: { 'retry-after': '30' } });
    const enhancer = enhancerOver([one, two], { now: () => now });
    await enhancer.enhance('a fox');
    await enhancer.enhance('a fox');
    expect([one.calls.length, two.calls.length]).toEqual([1, 2]);
    now += 30_000;
    one.reply({ kind: 'answer', content: 'well again' });
    expect(await enhancer.enhance('a fox')).toMatchObject({ content: 'well again' });
  });

  it('is asked all the same when there is no other, the one that is due first', async () => {
    one.reply({ kind: 'status', status: 429, headers: { 'retry-after': '60' } });
    two.reply({ kind: 'status', status: 503, headers: { 'retry-after': '30' } });
    const enhancer = enhancerOver([one, two], { now: () => 0 });
    await expect(enhancer.enhance('a fox')).rejects.toMatchObject({ retryable: true });
    two.reply({ kind: 'answer', content: 'well again' });
    expect(await enhancer.enhance('a fox')).toMatchObject({ content: 'well again', provider: 'two' });
    expect([one.calls.length, two.calls.length]).toEqual([1, 2]);
  });
});
