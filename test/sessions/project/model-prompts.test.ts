import { describe, expect, it } from 'vitest';
import { setPaused, setToggle, simpleGenerate } from '../../../src/core/sessions/project/controls.ts';
import {
  askExtension,
  extensionFailed,
  extensionWritten,
  wantsExtension,
} from '../../../src/core/sessions/project/extension.ts';
import type { ProjectState } from '../../../src/core/sessions/project/project-state.ts';
import { beginRewrite, dropRewrite, endRewrite } from '../../../src/core/sessions/project/rewrite-steps.ts';
import { appendPrompt } from '../../../src/core/sessions/project/user-prompts.ts';
import { cap, finish, off, opened, raw, settle, types, wish } from './states.ts';

const extending = { ...off, autoExtension: true };

describe('auto-extension', () => {
  const last = () => settle(opened({ seeds: ['one'], toggles: extending })).state;

  it('is asked for while the last segment that has a prompt is made', () => {
    expect(wantsExtension(settle(opened({ seeds: ['one', 'two'], toggles: extending })).state, cap)).toBe(
      false,
    );
    expect(wantsExtension(last(), cap)).toBe(true);
    expect(wantsExtension(askExtension(last()), cap)).toBe(false);
  });

  it.each<[string, (state: ProjectState) => ProjectState]>([
    ['while paused', (state) => setPaused(state, true).state],
    ['when a prompt of the user waits', (state) => appendPrompt(state, raw('mine')).state],
    ['when the loop goes on', (state) => setToggle(state, 'loop', true).state],
    ['in single-clip mode', (state) => ({ ...state, singleClip: true })],
    ['while a rewrite is waited for', (state) => ({ ...state, rewriteHold: true })],
    ['at the cap', (state) => ({ ...state, completedSegments: cap - 1 })],
    ['without an earlier prompt', (state) => ({ ...state, history: [] })],
  ])('is not asked for %s', (_, change) => {
    expect(wantsExtension(change(last()), cap)).toBe(false);
  });

  it('gives the next segment', () => {
    const asked = askExtension(last());
    const waiting = finish(asked);
    expect(waiting.frames).toEqual([]);
    const { state } = settle(extensionWritten(waiting.state, asked.streams, 'and then'));
    expect(state.current).toMatchObject({ prompt: 'and then', source: 'auto_llm', segmentIdx: 2 });
    expect(state.current).not.toHaveProperty('seedPromptIndex');
  });

  it('is not tried again for a segment that it failed for, until a toggle or a prompt comes', () => {
    const asked = askExtension(finish(last()).state);
    const failed = settle(extensionFailed(asked, asked.streams, { error: 'nobody answers' }, 4));
    expect(failed.frames).toEqual([
      { type: 'auto_prompt_failed', segment_idx: 2, latency_ms: 4, error: 'nobody answers' },
      { type: 'prompt_sources_blocked', segment_idx: 2 },
    ]);
    expect(wantsExtension(failed.state, cap)).toBe(false);
    expect(wantsExtension(setToggle(failed.state, 'autoExtension', true).state, cap)).toBe(true);
    expect(appendPrompt(failed.state, raw('mine')).state.extension).toEqual({ kind: 'none' });
  });

  it('is of no use for a stream that began later', () => {
    const asked = askExtension(last());
    const prompt = raw('clip');
    const { state } = finish(simpleGenerate(asked, { prompt, enhancement: true }).state);
    expect(extensionWritten(state, asked.streams, 'late')).toBe(state);
    expect(extensionFailed(state, asked.streams, { error: 'late' }, 1).frames).toEqual([]);
  });
});

describe('a rewrite', () => {
  const result = {
    prompts: ['new one', 'new two'],
    fallbackUsed: false,
    model: 'm',
    latencyMs: 9,
    raw: 'text',
  };
  const failure = { prompts: [], fallbackUsed: true, error: 'nobody answers', model: 'm', latencyMs: 9 };

  it('during a segment holds the next one back, and then starts from the first new prompt', () => {
    let step = beginRewrite(settle(opened({ seeds: ['one', 'two'], presetId: 'p' })).state, wish('m'));
    expect(step.frames).toEqual([{ type: 'rewrite_seed_prompts_started', model: 'm' }]);
    step = finish(step.state);
    expect(step.state.current).toBeNull();
    step = settle(endRewrite(step.state, { ...result, instruction: 'rain' }));
    expect(step.frames).toMatchObject([
      {
        type: 'seed_prompts_updated',
        prompts: ['new one', 'new two'],
        preset_id: 'p',
        reason: 'rewrite',
        fallback_used: false,
        model: 'm',
        latency_ms: 9,
        raw_llm_output: 'text',
        rewrite_instruction: 'rain',
      },
      {
        type: 'rewrite_seed_prompts_complete',
        fallback_used: false,
        preset_id: 'p',
        model: 'm',
        latency_ms: 9,
      },
      { type: 'ltx2_stream_start', total_segments: 2 },
      { type: 'seed_prompts_reset_applied', reason: 'rewrite_during_generation', seed_prompt_count: 2 },
    ]);
    expect(step.state).toMatchObject({ current: { prompt: 'new one', segmentIdx: 1 }, completedSegments: 0 });
  });

  it('that failed leaves the old prompts, and what was held back goes on', () => {
    let step = beginRewrite(settle(opened({ seeds: ['one', 'two'] })).state, wish());
    step = settle(endRewrite(finish(step.state).state, failure));
    expect(step.frames).toMatchObject([
      { type: 'seed_prompts_updated', prompts: ['one', 'two'], fallback_used: true, error: 'nobody answers' },
      { type: 'rewrite_seed_prompts_complete', fallback_used: true, error: 'nobody answers' },
    ]);
    expect(step.state.current?.prompt).toBe('two');
  });

  it('after the cap starts the new rollout', () => {
    let step = finish(settle(opened({ seeds: ['one'] })).state, { segmentCap: 1 });
    expect(step.state.waitingFor).toBe('cap');
    step = settle(endRewrite(beginRewrite(step.state, wish()).state, result), 1);
    expect(step.frames.at(-1)).toMatchObject({ reason: 'rewrite_rollout' });
    expect(step.state.current?.prompt).toBe('new one');
  });

  it('starts the stream of an initial rollout, which waits paused', () => {
    const state = opened({ rolloutPrompt: 'a heist' });
    expect(state).toMatchObject({ paused: true, waitingFor: 'initial_rewrite' });
    expect(settle(state).frames).toEqual([]);
    const begun = beginRewrite(state, wish()).state;
    expect(settle(endRewrite(begun, failure)).state.waitingFor).toBe('initial_rewrite');
    const step = settle(endRewrite(begun, result));
    expect(types(step)).toEqual([
      'generation_paused_updated',
      'seed_prompts_updated',
      'rewrite_seed_prompts_complete',
      'ltx2_stream_start',
      'seed_prompts_reset_applied',
    ]);
    expect(step.frames.at(-1)).toMatchObject({ reason: 'initial_rewrite', loop_iteration: 1 });
  });

  it('is not waited for with a seed prompt or in single-clip mode', () => {
    expect(opened({ rolloutPrompt: 'a heist', seeds: ['one'] }).waitingFor).toBeNull();
    expect(opened({ rolloutPrompt: 'a heist', singleClip: true }).waitingFor).toBeNull();
  });

  it('only changes the prompts in single-clip mode', () => {
    const { state } = finish(settle(opened({ seeds: ['one'], singleClip: true })).state);
    const step = settle(endRewrite(beginRewrite(state, wish()).state, result));
    expect(types(step)).toEqual(['seed_prompts_updated', 'rewrite_seed_prompts_complete']);
    expect(step.state).toMatchObject({ seeds: ['new one', 'new two'], current: null });
  });

  it('that was given up holds nothing back', () => {
    const { state } = beginRewrite(settle(opened({ seeds: ['one', 'two'] })).state, wish());
    expect(finish(dropRewrite(state)).state.current?.prompt).toBe('two');
  });
});
