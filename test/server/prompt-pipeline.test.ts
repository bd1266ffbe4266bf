import { describe, expect, it, vi } from 'vitest';
import { setToggle } from '../../src/core/sessions/session.ts';
import { eventually } from '../support/wait-for.ts';
import { enhancerOf, failing, filter, PipelineHarness } from './pipeline-harness.ts';

const better = enhancerOf(
  (prompt) => `better ${prompt}`,
  (earlier) => `after ${earlier}`,
);
const enhancing = { toggles: { enhancement: true } };

describe('the prompt pipeline', () => {
  it('lets a request through at once where nothing is to be done', () => {
    const session = new PipelineHarness({ enhancer: better });
    session.ask('a fox');
    expect(session.made).toEqual(['user: a fox']);
    expect(session.frames).toEqual([]);
  });

  it('enhances a request before it is made, and says so', async () => {
    const session = new PipelineHarness({ ...enhancing, enhancer: better });
    session.ask('a fox');
    await eventually(() => expect(session.made).toEqual(['enhanced: better a fox']));
    expect(session.frames).toMatchObject([
      { type: 'prompt_enhancing', segment_idx: 0, prompt: 'a fox', source: 'user' },
      { type: 'prompt_ready', segment_idx: 0, prompt: 'better a fox', provider: 'test', model: 'words' },
    ]);
  });

  it('falls back to the own words of the user when no provider answers', async () => {
    const session = new PipelineHarness({ ...enhancing, enhancer: enhancerOf(failing) });
    session.ask('a fox');
    await eventually(() => expect(session.made).toEqual(['user: a fox']));
    expect(session.frames.at(-1)).toMatchObject({
      type: 'prompt_fallback_used',
      prompt: 'a fox',
      error: 'nobody answers',
    });
    expect(session.errors).toEqual([]);
  });

  it('enhances all that waits at the same time and makes it in order', async () => {
    const answers: (() => void)[] = [];
    const slow = enhancerOf(
      (prompt) => new Promise((resolve) => answers.push(() => resolve(`better ${prompt}`))),
    );
    const session = new PipelineHarness({ ...enhancing, enhancer: slow });
    session.ask('first');
    session.ask('second');
    await eventually(() => expect(answers).toHaveLength(2));
    expect(session.frames.map((frame) => 'segment_idx' in frame && frame.segment_idx)).toEqual([0, 1]);
    answers[1]?.();
    await eventually(() => expect(session.types()).toContain('prompt_ready'));
    expect(session.made).toEqual([]);
    answers[0]?.();
    await eventually(() => expect(session.made).toEqual(['enhanced: better first']));
    session.finish();
    expect(session.made).toEqual(['enhanced: better first', 'enhanced: better second']);
  });

  it('drops what the filter blocks and goes on with the next', async () => {
    const session = new PipelineHarness({ filter });
    session.ask('a bad fox');
    session.ask('a fox');
    await eventually(() => expect(session.made).toEqual(['user: a fox']));
    expect(session.errors).toMatchObject([
      { code: 'prompt_blocked', retryable: false, message: expect.stringContaining('"unsafe"') },
    ]);
  });

  it('uses what cannot be checked only where the operator allows it', async () => {
    const strict = new PipelineHarness({ filter });
    strict.ask('an odd fox');
    await eventually(() =>
      expect(strict.errors).toMatchObject([{ code: 'internal_error', retryable: true }]),
    );
    expect(strict.made).toEqual([]);
    const lenient = new PipelineHarness({ filter, onUnavailable: 'allow' });
    lenient.ask('an odd fox');
    await eventually(() => expect(lenient.made).toEqual(['user: an odd fox']));
  });

  it('does not use what a model wrote and the filter blocks', async () => {
    const session = new PipelineHarness({
      ...enhancing,
      filter,
      enhancer: enhancerOf((prompt) => `bad ${prompt}`),
    });
    session.ask('a fox');
    await eventually(() => expect(session.made).toEqual(['user: a fox']));
    expect(session.types()).toEqual(['prompt_enhancing', 'prompt_fallback_used']);
  });

  it('walks curated prompts in a loop, each enhanced once, the next one while one is made', async () => {
    const ask = vi.fn((prompt: string) => `better ${prompt}`);
    const session = new PipelineHarness({
      toggles: { enhancement: true, loop: true },
      curatedPrompts: ['a', 'b'],
      enhancer: enhancerOf(ask),
    });
    session.pump();
    await eventually(() => expect(session.made).toEqual(['curated: better a']));
    await eventually(() => expect(ask).toHaveBeenCalledTimes(2));
    for (let segment = 0; segment < 3; segment += 1) session.finish();
    expect(session.made).toEqual(['a', 'b', 'a', 'b'].map((prompt) => `curated: better ${prompt}`));
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('has the next prompt written when the curated ones are used up, up to the cap', async () => {
    const session = new PipelineHarness({
      toggles: { autoExtension: true },
      curatedPrompts: ['a'],
      enhancer: better,
      segmentCap: 3,
    });
    session.pump();
    expect(session.made).toEqual(['curated: a']);
    await eventually(() => expect(session.state.ahead?.ready).toBe(true));
    session.finish();
    await eventually(() => expect(session.state.ahead?.ready).toBe(true));
    session.finish();
    expect(session.made).toEqual([
      'curated: a',
      'auto_extension: after a',
      'auto_extension: after a > after a',
    ]);
    expect(session.state.ahead).toBeNull();
  });

  it('says once that nobody can write the next prompt, and tries again when something has changed', async () => {
    const extend = vi.fn(failing);
    const session = new PipelineHarness({
      toggles: { autoExtension: true },
      enhancer: enhancerOf((prompt) => prompt, extend),
    });
    session.ask('a');
    await eventually(() =>
      expect(session.errors).toMatchObject([{ code: 'internal_error', retryable: true }]),
    );
    session.finish();
    session.pump();
    expect(extend).toHaveBeenCalledTimes(1);
    session.apply(setToggle(session.state, 'autoExtension', true));
    await eventually(() => expect(session.errors).toHaveLength(2));
  });

  it('asks a provider once for a prompt, however often a client changes its mind', async () => {
    let answer: (content: string) => void = () => {};
    const extend = vi.fn(() => new Promise<string>((resolve) => (answer = resolve)));
    const session = new PipelineHarness({ enhancer: enhancerOf((prompt) => prompt, extend) });
    session.ask('a');
    for (let toggle = 0; toggle < 300; toggle += 1) {
      session.apply(setToggle(session.state, 'autoExtension', toggle % 2 === 0));
    }
    session.apply(setToggle(session.state, 'autoExtension', true));
    expect(extend).toHaveBeenCalledTimes(1);
    answer('b');
    await eventually(() => expect(session.state.ahead).toMatchObject({ ready: true, prompt: 'b' }));
    for (let toggle = 0; toggle < 300; toggle += 1) {
      session.apply(setToggle(session.state, 'autoExtension', toggle % 2 === 1));
    }
    expect(session.state.ahead).toMatchObject({ ready: true, prompt: 'b' });
    expect(extend).toHaveBeenCalledTimes(1);
  });

  it('has no more calls under way than it may, and begins the next when one has ended', async () => {
    const answers: (() => void)[] = [];
    const ask = vi.fn(
      (prompt: string) => new Promise<string>((resolve) => answers.push(() => resolve(`better ${prompt}`))),
    );
    const session = new PipelineHarness({ ...enhancing, enhancer: enhancerOf(ask), callLimit: 2 });
    for (const prompt of ['a', 'b', 'c', 'd']) session.ask(prompt);
    await eventually(() => expect(ask).toHaveBeenCalledTimes(2));
    answers[1]?.();
    await eventually(() => expect(ask).toHaveBeenCalledTimes(3));
    expect(ask.mock.calls.map(([prompt]) => prompt)).toEqual(['a', 'b', 'c']);
  });

  it('tells nothing more to a client that has left', async () => {
    const session = new PipelineHarness({
      ...enhancing,
      enhancer: enhancerOf(() => new Promise((_, reject) => session.over.addEventListener('abort', reject))),
    });
    session.ask('a fox');
    session.leave();
    await new Promise((resolve) => setImmediate(resolve));
    expect(session.types()).toEqual(['prompt_enhancing']);
    expect(session.errors).toEqual([]);
  });
});

describe('a rewrite of the curated prompts', () => {
  const frame = { type: 'rewrite_seed_prompts', rewrite_instruction: ' at night ', count: 2 } as const;

  it('replaces them and tells the new ones', async () => {
    const session = new PipelineHarness({ curatedPrompts: ['a', 'b'], enhancer: better });
    session.rewrite(frame);
    expect(() => session.rewrite(frame)).toThrow('a rewrite is running already');
    await eventually(() => expect(session.types()).toContain('rewrite_seed_prompts_complete'));
    expect(session.frames).toMatchObject([
      { type: 'rewrite_seed_prompts_started' },
      {
        type: 'seed_prompts_updated',
        prompts: ['better a > b 0', 'better a > b 1'],
        reason: 'rewrite',
        rewrite_instruction: 'at night',
        raw_llm_output: 'better a > b',
        fallback_used: false,
      },
      { type: 'rewrite_seed_prompts_complete', fallback_used: false, model: 'words' },
    ]);
    expect(session.state.curatedPrompts).toEqual(['better a > b 0', 'better a > b 1']);
    session.rewrite(frame);
  });

  it('leaves out what the filter blocks, and keeps the old ones when nothing is left or nobody answers', async () => {
    for (const enhancer of [enhancerOf(() => 'bad'), enhancerOf(failing)]) {
      const session = new PipelineHarness({ curatedPrompts: ['a'], enhancer, filter });
      session.rewrite(frame);
      await eventually(() => expect(session.types()).toContain('rewrite_seed_prompts_complete'));
      expect(session.frames.at(-1)).toMatchObject({ fallback_used: true, error: expect.stringMatching(/./) });
      expect(session.state.curatedPrompts).toEqual(['a']);
    }
  });

  it('needs something to go on from', () => {
    const session = new PipelineHarness({ enhancer: better });
    expect(() => session.rewrite({ ...frame, rewrite_instruction: ' ' })).toThrow('no curated prompts');
  });
});
