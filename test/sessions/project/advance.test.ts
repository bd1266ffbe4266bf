import { describe, expect, it } from 'vitest';
import { setPaused, setToggle } from '../../../src/core/sessions/project/controls.ts';
import { appendPrompt, promptReady } from '../../../src/core/sessions/project/user-prompts.ts';
import { cap, finish, off, opened, raw, settle, types } from './states.ts';

describe('what a project makes next', () => {
  it('starts the stream and begins the first seed prompt', () => {
    const step = settle(opened({ seeds: ['one', 'two'], presetId: 'p', presetLabel: 'P' }));
    expect(step.frames).toEqual([
      {
        type: 'ltx2_stream_start',
        total_segments: 2,
        preset_id: 'p',
        stream_mode: 'av_fmp4',
        live_mode: true,
        loop_generation_enabled: false,
        loop_iteration: 1,
        generation_segment_cap: cap,
      },
      {
        type: 'seed_prompts_updated',
        prompts: ['one', 'two'],
        preset_id: 'p',
        preset_label: 'P',
        reason: 'init',
        seed_prompt_count: 2,
      },
    ]);
    expect(step.state.current).toEqual({
      prompt: 'one',
      source: 'curated',
      seedPromptIndex: 0,
      segmentIdx: 1,
      loopIteration: 1,
      totalSegments: 2,
    });
  });

  it('takes what the user has ready before the next seed prompt', () => {
    let { state } = settle(opened({ seeds: ['one', 'two'] }));
    const mine = raw('mine');
    state = promptReady(appendPrompt(state, mine).state, mine.key, 'mine, better', 5).state;
    state = finish(state).state;
    expect(state.current).toMatchObject({
      prompt: 'mine, better',
      source: 'user_enhanced',
      promptId: 'mine',
      segmentIdx: 2,
      totalSegments: 2,
    });
    state = finish(state).state;
    expect(state.current).toMatchObject({ prompt: 'two', segmentIdx: 3, totalSegments: 3 });
  });

  it('says once that no prompt is left, and says when one has come', () => {
    let step = settle(opened({ seeds: ['one'] }));
    step = finish(step.state);
    expect(step.frames).toEqual([{ type: 'prompt_sources_blocked', segment_idx: 2 }]);
    expect(settle(step.state).frames).toEqual([]);
    const mine = raw('mine');
    const { state } = settle(appendPrompt(step.state, mine));
    expect(state.current).toBeNull();
    step = settle(promptReady(state, mine.key, 'mine', null));
    expect(step.frames).toEqual([
      { type: 'prompt_ready', prompt_id: 'mine', prompt: 'mine', source: 'user_raw', latency_ms: 0 },
      { type: 'prompt_sources_resumed', segment_idx: 2, source: 'user_raw', prompt_id: 'mine' },
    ]);
  });

  it('does not say so while a prompt of the user is being enhanced', () => {
    const { state } = settle(opened({ seeds: ['one'] }));
    expect(finish(appendPrompt(state, raw('mine')).state).frames).toEqual([]);
  });

  it('goes from the first seed prompt again at the turn of a loop, and keeps what the user sent', () => {
    let { state } = settle(opened({ seeds: ['one'], toggles: { ...off, loop: true } }));
    state = appendPrompt(state, raw('mine')).state;
    const step = finish(state);
    expect(types(step)).toEqual(['ltx2_stream_start', 'loop_restarted']);
    expect(step.frames[1]).toEqual({
      type: 'loop_restarted',
      loop_iteration: 2,
      seed_prompt_count: 1,
      dropped_user_raw_queue: 0,
      dropped_user_ready_queue: 0,
    });
    expect(step.state.current).toMatchObject({ prompt: 'one', segmentIdx: 1, loopIteration: 2 });
    expect(step.state.continuation).toBeNull();
    expect(step.state.timeline).toEqual({ videoFrames: 10 });
    expect(step.state.raw).toHaveLength(1);
  });

  it('resumes with the loop when it is turned on after the last prompt', () => {
    const { state } = finish(settle(opened({ seeds: ['one'] })).state);
    expect(types(settle(setToggle(state, 'loop', true)))).toEqual([
      'loop_generation_updated',
      'ltx2_stream_start',
      'loop_restarted',
      'prompt_sources_resumed',
    ]);
  });

  it('begins nothing while it is paused', () => {
    let { state } = settle(opened({ seeds: ['one', 'two'] }));
    state = finish(setPaused(state, true).state).state;
    expect(state.current).toBeNull();
    expect(settle(setPaused(state, false)).state.current?.prompt).toBe('two');
  });

  it('completes the stream at the cap, once', () => {
    let step = settle(opened({ seeds: ['one'], toggles: { ...off, loop: true } }));
    for (let made = 1; made < cap; made += 1) step = finish(step.state);
    step = finish(step.state);
    expect(types(step)).toEqual(['ltx2_stream_complete']);
    expect(step.state).toMatchObject({ waitingFor: 'cap', streaming: false, current: null });
    expect(settle(step.state).frames).toEqual([]);
  });

  it('makes one clip in single-clip mode, whose cap is shown as 0', () => {
    const first = settle(opened({ seeds: ['one', 'two'], singleClip: true }));
    expect(first.frames[0]).toMatchObject({ generation_segment_cap: 0 });
    const step = finish(first.state);
    expect(types(step)).toEqual(['ltx2_stream_complete']);
    expect(step.state.waitingFor).toBe('clip');
  });

  it('makes nothing and says nothing in single-clip mode without a prompt', () => {
    const step = settle(opened({ singleClip: true }));
    expect(types(step)).toEqual(['ltx2_stream_start', 'seed_prompts_updated']);
  });
});

describe('a segment that ends', () => {
  it('leaves the state that the next one goes on from', () => {
    const { state } = finish(settle(opened({ seeds: ['one', 'two'] })).state);
    expect(state.continuation).toEqual({ kind: 'test', payload: { after: 'one' } });
    expect(state.timeline).toEqual({ videoFrames: 10 });
  });

  it('does not end the session when it failed: the next prompt goes on from the last state', () => {
    let { state } = finish(settle(opened({ seeds: ['one', 'two', 'three'] })).state);
    state = finish(state, { completed: false }).state;
    expect(state.current).toMatchObject({ prompt: 'three', segmentIdx: 3 });
    expect(state.continuation).toEqual({ kind: 'test', payload: { after: 'one' } });
    expect(state.completedSegments).toBe(1);
  });

  it('pauses generation after three failures in a row', () => {
    let step = settle(opened({ seeds: ['one'], toggles: { ...off, loop: true } }));
    for (let failures = 0; failures < 3; failures += 1) step = finish(step.state, { completed: false });
    expect(step.frames).toEqual([{ type: 'generation_paused_updated', paused: true }]);
    expect(step.state.current).toBeNull();
    expect(settle(setPaused(step.state, false)).state.current).not.toBeNull();
  });

  it('completes the stream of a clip that failed', () => {
    const { state } = settle(opened({ seeds: ['one'], singleClip: true }));
    expect(types(finish(state, { completed: false }))).toEqual(['ltx2_stream_complete']);
  });
});
