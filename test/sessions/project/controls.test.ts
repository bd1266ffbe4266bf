import { describe, expect, it } from 'vitest';
import {
  resetToSeeds,
  restartGeneration,
  setPaused,
  setRewriteModel,
  setRewriteTemperature,
  setToggle,
  simpleGenerate,
} from '../../../src/core/sessions/project/controls.ts';
import { endProject, requestProjectEnd } from '../../../src/core/sessions/project/project-end.ts';
import { openProject, type ProjectState } from '../../../src/core/sessions/project/project-state.ts';
import {
  appendPrompt,
  dropRaw,
  promptFailed,
  promptReady,
} from '../../../src/core/sessions/project/user-prompts.ts';
import { cap, finish, off, opened, raw, settle, types } from './states.ts';

/** One prompt ready, one not, while the first of two seeds is being made. */
function busy(): ProjectState {
  let { state } = settle(opened({ seeds: ['one', 'two'] }));
  const ready = raw('ready');
  state = appendPrompt(state, ready).state;
  state = appendPrompt(state, raw('raw')).state;
  return promptReady(state, ready.key, 'ready', null).state;
}

const bothDropped = { dropped_user_raw_queue: 1, dropped_user_ready_queue: 1 };

describe('the controls of a project', () => {
  it('answer each toggle', () => {
    const state = opened();
    expect(setToggle(state, 'enhancement', false).frames).toEqual([
      { type: 'enhancement_updated', enabled: false },
    ]);
    expect(setToggle(state, 'autoExtension', true).frames).toEqual([
      { type: 'auto_extension_updated', enabled: true },
    ]);
    expect(setToggle(state, 'loop', true).state.toggles.loop).toBe(true);
    expect(setPaused(state, true).frames).toEqual([{ type: 'generation_paused_updated', paused: true }]);
  });

  it('keep the model and the temperature of rewrites, and forget them again', () => {
    let { state, frames } = setRewriteModel(opened(), 'm');
    expect(frames).toEqual([{ type: 'rewrite_model_updated', rewrite_model: 'm' }]);
    ({ state, frames } = setRewriteTemperature(state, 0));
    expect(frames).toEqual([{ type: 'rewrite_temperature_updated', rewrite_temperature: 0 }]);
    expect(state.rewriteSettings).toEqual({ model: 'm', temperature: 0 });
    ({ state, frames } = setRewriteModel(state, undefined, "the operator's"));
    expect(frames).toEqual([{ type: 'rewrite_model_updated', rewrite_model: "the operator's" }]);
    ({ state, frames } = setRewriteTemperature(state, undefined, 0.7));
    expect(frames).toEqual([{ type: 'rewrite_temperature_updated', rewrite_temperature: 0.7 }]);
    expect(state.rewriteSettings).toEqual({});
  });

  it('reset to the seed prompts after the running segment, and drop what the user sent', () => {
    const { state, frames } = resetToSeeds(busy());
    expect(frames).toEqual([{ type: 'seed_prompts_reset_pending', seed_prompt_count: 2 }]);
    expect(settle(state).frames).toEqual([]);
    const step = finish(state);
    expect(types(step)).toEqual(['ltx2_stream_start', 'seed_prompts_reset_applied']);
    expect(step.frames[1]).toEqual({
      type: 'seed_prompts_reset_applied',
      reason: 'manual_reset',
      loop_iteration: 2,
      seed_prompt_count: 2,
      ...bothDropped,
    });
    expect(step.state).toMatchObject({ current: { prompt: 'one', segmentIdx: 1 }, completedSegments: 1 });
  });

  it('restart after the cap with a new count of segments, also when paused', () => {
    let step = settle(opened({ seeds: ['one'], toggles: { ...off, loop: true } }), 1);
    step = finish(step.state, { segmentCap: 1 });
    expect(step.state.waitingFor).toBe('cap');
    step = settle(restartGeneration(setPaused(step.state, true).state, 1), 1);
    expect(types(step)).toEqual([
      'generation_paused_updated',
      'generation_restarted',
      'ltx2_stream_start',
      'seed_prompts_reset_applied',
    ]);
    expect(step.frames[1]).toEqual({ type: 'generation_restarted', reason: 'cap_restart', segment_cap: 1 });
    expect(step.state).toMatchObject({ completedSegments: 0, current: { prompt: 'one' } });
  });

  it('make one clip of a simple_generate, raw or enhanced', () => {
    const prompt = raw('a clip', 'c');
    let step = settle(opened({ seeds: ['one'] }));
    step = simpleGenerate(step.state, { prompt, enhancement: true, presetId: 'p' });
    expect(step.frames).toEqual([{ type: 'prompt_received', prompt_id: 'c', queue_depth: 1 }]);
    step = finish(step.state);
    expect(step.frames).toMatchObject([
      { type: 'ltx2_stream_start', total_segments: 1, preset_id: 'p', generation_segment_cap: 0 },
      { type: 'seed_prompts_reset_applied', reason: 'simple_generate', seed_prompt_count: 0 },
    ]);
    expect(step.state.raw).toEqual([prompt]);
    step = settle(promptReady(step.state, prompt.key, 'a better clip', 3));
    expect(step.state.current).toMatchObject({ source: 'user_enhanced', promptId: 'c', segmentIdx: 1 });
    expect(types(finish(step.state))).toEqual(['ltx2_stream_complete']);
  });

  it('count a clip that another one took the place of as dropped', () => {
    let { state } = settle(opened({ seeds: ['one'] }));
    state = simpleGenerate(state, { prompt: raw('first'), enhancement: true }).state;
    state = simpleGenerate(state, { prompt: raw('second'), enhancement: true }).state;
    const step = finish(state);
    expect(step.frames[1]).toMatchObject({ dropped_user_raw_queue: 1 });
    expect(step.state.raw.map(({ prompt }) => prompt)).toEqual(['second']);
  });

  it('complete the stream of a clip whose prompt cannot be used', () => {
    const prompt = raw('a clip');
    let { state } = settle(opened());
    state = settle(simpleGenerate(state, { prompt, enhancement: true })).state;
    expect(types(settle(promptFailed(state, prompt.key, { error: 'nobody answers' }, 2)))).toEqual([
      'prompt_fallback_used',
      'ltx2_stream_complete',
    ]);
    expect(types(settle(dropRaw(state, prompt.key)))).toEqual(['ltx2_stream_complete']);
  });
});

describe('prompts of the user', () => {
  it('are told how many wait', () => {
    let step = appendPrompt(opened(), raw('one', 'a'));
    expect(step.frames).toEqual([{ type: 'prompt_received', prompt_id: 'a', queue_depth: 1 }]);
    step = appendPrompt(step.state, raw('two', 'b'));
    expect(step.frames).toEqual([{ type: 'prompt_received', prompt_id: 'b', queue_depth: 2 }]);
  });

  it('are not used when nobody could enhance them', () => {
    const prompt = raw('one', 'a');
    const { state } = appendPrompt(opened(), prompt);
    const step = promptFailed(state, prompt.key, { error: 'nobody answers' }, 7);
    expect(step.frames).toEqual([
      {
        type: 'prompt_fallback_used',
        prompt_id: 'a',
        prompt: 'one',
        source: 'user_enhancement_failed',
        latency_ms: 7,
        error: 'nobody answers',
      },
    ]);
    expect(step.state).toMatchObject({ raw: [], ready: [], clipDone: false });
  });

  it('that were dropped meanwhile are not told again', () => {
    const state = opened();
    expect(promptReady(state, 99, 'late', 1)).toEqual({ state, frames: [] });
    expect(promptFailed(state, 99, { error: 'late' }, 1)).toEqual({ state, frames: [] });
  });
});

describe('the end of a project', () => {
  it('comes after the running segment, and drops what waits', () => {
    const state = requestProjectEnd(busy());
    expect(settle(state).frames).toEqual([]);
    const step = finish(state);
    expect(step.frames).toEqual([{ type: 'ltx2_stream_complete' }, { type: 'project_idle', ...bothDropped }]);
    expect(settle(step.state).frames).toEqual([]);
  });

  it('does not complete a stream that was completed already', () => {
    const { state } = finish(settle(opened({ seeds: ['one'], singleClip: true })).state);
    expect(types(endProject(state))).toEqual(['project_idle']);
  });

  it('makes room for another one, whose media goes on behind that of the first', () => {
    let { state } = finish(requestProjectEnd(settle(opened({ seeds: ['one'], presetId: 'p' })).state));
    const opening = {
      toggles: { ...off, loop: true },
      singleClip: false,
      realtime: false,
      seeds: ['new'],
      rewriteSettings: {},
    };
    const step = settle(openProject(state, opening), cap);
    state = step.state;
    expect(step.frames).toMatchObject([
      { type: 'loop_generation_updated', enabled: true },
      { type: 'generation_paused_updated', paused: false },
      { type: 'ltx2_stream_start', preset_id: 'p', loop_iteration: 1 },
      { type: 'seed_prompts_updated', reason: 'init', prompts: ['new'] },
      { type: 'seed_prompts_reset_applied', reason: 'project_init', loop_iteration: 1 },
    ]);
    expect(state).toMatchObject({
      current: { segmentIdx: 1, prompt: 'new' },
      timeline: { videoFrames: 10 },
      continuation: null,
    });
  });
});
