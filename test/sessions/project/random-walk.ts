import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type ProjectServerFrame,
  ProjectServerFrameSchema,
} from '../../../src/core/protocol/project/server-frames.ts';
import { advance } from '../../../src/core/sessions/project/advance.ts';
import * as controls from '../../../src/core/sessions/project/controls.ts';
import * as extension from '../../../src/core/sessions/project/extension.ts';
import { requestProjectEnd } from '../../../src/core/sessions/project/project-end.ts';
import {
  openProject,
  type ProjectState,
  type Step,
} from '../../../src/core/sessions/project/project-state.ts';
import { beginRewrite, endRewrite } from '../../../src/core/sessions/project/rewrite-steps.ts';
import { endSegment } from '../../../src/core/sessions/project/segment-steps.ts';
import * as prompts from '../../../src/core/sessions/project/user-prompts.ts';
import { off, opened, raw, wish } from './states.ts';

const segmentCap = 3;
const told = (state: ProjectState): Step => ({ state, frames: [] });
const opening = { toggles: off, singleClip: false, realtime: false, seeds: ['new'], rewriteSettings: {} };
const rewritten = { prompts: ['x', 'y'], fallbackUsed: false, model: 'm', latencyMs: 1 };
const failed = { prompts: [], fallbackUsed: true, error: 'no', model: 'm', latencyMs: 1 };

function ended(state: ProjectState, started: boolean, completed: boolean): Step {
  return endSegment(state, { started, completed, timeline: state.timeline });
}

function firstRaw(state: ProjectState, change: (key: number) => Step): Step {
  const [first] = state.raw;
  return first ? change(first.key) : told(state);
}

/** All that may happen to a session, whatever state it is in. */
const happenings: Readonly<Record<string, (state: ProjectState) => Step>> = {
  made: (state) => ended(state, true, true),
  failed: (state) => ended(state, true, false),
  'not begun': (state) => ended(state, false, false),
  append: (state) => prompts.appendPrompt(state, raw('mine')),
  ready: (state) => firstRaw(state, (key) => prompts.promptReady(state, key, 'better', 1)),
  fallback: (state) => firstRaw(state, (key) => prompts.promptFailed(state, key, { error: 'no' }, 1)),
  blocked: (state) => firstRaw(state, (key) => told(prompts.dropRaw(state, key))),
  'loop on': (state) => controls.setToggle(state, 'loop', true),
  'loop off': (state) => controls.setToggle(state, 'loop', false),
  'extension on': (state) => controls.setToggle(state, 'autoExtension', true),
  'extension off': (state) => controls.setToggle(state, 'autoExtension', false),
  ask: (state) => told(extension.wantsExtension(state, segmentCap) ? extension.askExtension(state) : state),
  written: (state) => told(extension.extensionWritten(state, state.streams, 'and then')),
  'not written': (state) => extension.extensionFailed(state, state.streams, { error: 'no' }, 1),
  pause: (state) => controls.setPaused(state, true),
  unpause: (state) => controls.setPaused(state, false),
  reset: (state) => controls.resetToSeeds(state),
  restart: (state) => controls.restartGeneration(state, segmentCap),
  clip: (state) => controls.simpleGenerate(state, { prompt: raw('clip'), enhancement: true }),
  rewrite: (state) => beginRewrite(state, wish()),
  rewritten: (state) => endRewrite(state, rewritten),
  'rewrite failed': (state) => endRewrite(state, failed),
  end: (state) => told(requestProjectEnd(state)),
  init: (state) => (state.project === 'idle' ? openProject(state, opening) : told(state)),
};

const endings = ['made', 'failed', 'not begun'];
/** What is answered with an `error` between two projects. */
const ofProject = ['append', 'reset', 'restart', 'clip', 'rewrite', 'rewritten', 'rewrite failed'];

/** Goes on by itself; far fewer steps than these are ever needed. */
function settled(step: Step): Step {
  const frames = [...step.frames];
  let { state } = step;
  for (let count = 0; count < 20; count += 1) {
    const next = advance(state, segmentCap);
    if (!next) return { state, frames };
    frames.push(...next.frames);
    state = next.state;
  }
  throw new Error('it never comes to rest');
}

/** What a client sees of a session. */
class Watcher {
  #streaming = false;
  #blocked = false;

  see(frames: readonly ProjectServerFrame[], { streaming, sourcesBlocked }: ProjectState): void {
    for (const frame of frames) {
      expect(ProjectServerFrameSchema.parse(frame)).toEqual(frame);
      if (frame.type === 'ltx2_stream_start') this.#streaming = true;
      if (frame.type === 'ltx2_stream_complete') {
        expect(this.#streaming).toBe(true);
        this.#streaming = false;
      }
      if (frame.type === 'prompt_sources_blocked') {
        expect(this.#blocked).toBe(false);
        this.#blocked = true;
      }
      if (frame.type === 'prompt_sources_resumed') {
        expect(this.#blocked).toBe(true);
        this.#blocked = false;
      }
      if (frame.type === 'project_idle') this.#blocked = false;
    }
    expect({ streaming, sourcesBlocked }).toEqual({
      streaming: this.#streaming,
      sourcesBlocked: this.#blocked,
    });
  }
}

/** Tries so many sessions, each with other things that happen to it. */
export function itComesToRest(numRuns: number): void {
  it('whatever happens in whatever order, a session comes to rest and its frames make sense', () => {
    const sessions = fc.record({
      seeds: fc.constantFrom([], ['one'], ['one', 'two']),
      singleClip: fc.boolean(),
      toggles: fc.record({ enhancement: fc.boolean(), autoExtension: fc.boolean(), loop: fc.boolean() }),
      rollout: fc.boolean(),
    });
    const walk = fc.array(fc.constantFrom(...Object.keys(happenings)), { maxLength: 40 });
    fc.assert(
      fc.property(sessions, walk, ({ rollout, ...session }, names) => {
        const watcher = new Watcher();
        const see = (step: Step): ProjectState => {
          watcher.see(step.frames, step.state);
          return step.state;
        };
        let state = see(
          settled(told(opened({ ...session, ...(rollout ? { rolloutPrompt: 'a heist' } : {}) }))),
        );
        for (const name of names) {
          const before = state;
          if (before.project !== 'active' && ofProject.includes(name)) continue;
          state = see(settled(happenings[name]?.(before) ?? told(before)));
          const { current, completedSegments, singleClip, nextSegmentIdx } = state;
          // A segment is only ever begun in a stream, and the running one is not replaced.
          if (current) expect(state.streaming && state.project !== 'idle').toBe(true);
          if (before.current && !endings.includes(name)) expect(current).toBe(before.current);
          if (current) expect(nextSegmentIdx).toBe(current.segmentIdx + 1);
          if (!singleClip && state.waitingFor === null && current !== before.current && current) {
            expect(completedSegments).toBeLessThan(segmentCap);
          }
        }
      }),
      { numRuns },
    );
  });
}
