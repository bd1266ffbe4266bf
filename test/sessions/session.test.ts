import { describe, expect, it } from 'vitest';
import {
  changePrompt,
  endSegment,
  enqueue,
  openSession,
  ownWish,
  planAhead,
  replaceCuratedPrompts,
  type SegmentPrompt,
  type Session,
  setToggle,
  takeNext,
} from '../../src/core/sessions/session.ts';

function active(
  opening: { curatedPrompts?: readonly string[]; loop?: boolean; autoExtension?: boolean } = {},
): Session {
  return openSession({
    id: 's',
    streamMode: 'av_fmp4',
    toggles: {
      enhancement: false,
      autoExtension: opening.autoExtension ?? false,
      loop: opening.loop ?? false,
    },
    singleClip: false,
    curatedPrompts: opening.curatedPrompts ?? [],
    continuation: null,
  });
}

let nextId = 1;

function prompt(text: string): SegmentPrompt {
  return { id: nextId++, prompt: text, source: 'user', requestedAt: 0, ready: true };
}

function withRequests(session: Session, ...texts: string[]): Session {
  return texts.reduce((state, text) => enqueue(state, prompt(text), 8) ?? state, session);
}

const ended = { started: true, completed: true, timeline: { videoFrames: 48 }, durationMs: 2000 };

/** The prompts that the server would make one after the other. */
function walk(session: Session, most: number): string[] {
  const prompts: string[] = [];
  let state = session;
  for (let segment = 0; segment < most; segment += 1) {
    const wish = ownWish(state);
    if (wish?.kind === 'curated') {
      state = planAhead(state, { ...prompt(wish.prompt), source: 'curated', curatedIndex: wish.index });
    }
    const next = takeNext(state);
    if (!next) break;
    prompts.push(next.segment.prompt.prompt);
    state = endSegment(next.session, ended);
  }
  return prompts;
}

describe('a session', () => {
  it('makes requests in order, one at a time, each with an index of its own', () => {
    const first = takeNext(withRequests(active(), 'a', 'b'));
    expect(first).toMatchObject({ segment: { segmentIdx: 0, prompt: { prompt: 'a' } } });
    if (!first) throw new Error('no segment');
    expect(takeNext(first.session)).toBeNull();
    const second = takeNext(endSegment(first.session, ended));
    expect(second).toMatchObject({ segment: { segmentIdx: 1, prompt: { prompt: 'b' } } });
  });

  it('gives an index again that no client was told of', () => {
    const first = takeNext(withRequests(active(), 'a', 'b'));
    if (!first) throw new Error('no segment');
    const failed = endSegment(first.session, { ...ended, started: false, completed: false });
    expect(takeNext(failed)).toMatchObject({ segment: { segmentIdx: 0, prompt: { prompt: 'b' } } });
  });

  it('keeps requests in order while paused and loses none', () => {
    const paused = withRequests({ ...active(), paused: true }, 'a', 'b');
    expect(takeNext(paused)).toBeNull();
    expect(walk({ ...paused, paused: false }, 5)).toEqual(['a', 'b']);
  });

  it('refuses the request that is over the limit', () => {
    const full = withRequests(active(), '1', '2', '3', '4', '5', '6', '7', '8');
    expect(full.waiting).toHaveLength(8);
    expect(enqueue(full, prompt('9'), 8)).toBeNull();
  });

  it('waits for a prompt that is not ready, and keeps the order', () => {
    const slow = { ...prompt('slow'), ready: false };
    const waiting = enqueue(withRequests(active()), slow, 8) ?? active();
    const both = withRequests(waiting, 'quick');
    expect(takeNext(both)).toBeNull();
    expect(walk(changePrompt(both, slow.id, { ready: true, prompt: 'better' }), 3)).toEqual([
      'better',
      'quick',
    ]);
  });

  it('makes what was asked for before what it has planned, and forgets the plan with the last toggle', () => {
    const planned = planAhead(active({ loop: true }), { ...prompt('own'), curatedIndex: null });
    expect(walk(withRequests(planned, 'mine'), 2)).toEqual(['mine', 'own']);
    expect(setToggle(planned, 'loop', false).ahead).toBeNull();
    expect(replaceCuratedPrompts(planned, ['new']).ahead).toBeNull();
  });

  it('wants a prompt written when it is to go on and has no curated one left', () => {
    const extending = active({ curatedPrompts: ['a'], autoExtension: true });
    expect(ownWish(extending)).toEqual({ kind: 'curated', index: 0, prompt: 'a' });
    expect(ownWish({ ...extending, curatedNext: 1 })).toBeNull();
    expect(ownWish({ ...extending, curatedNext: 1, history: ['a'] })).toEqual({ kind: 'written' });
    expect(ownWish(withRequests(extending, 'mine'))).toBeNull();
  });

  it('starts no segment by itself with both toggles off', () => {
    expect(walk(active({ curatedPrompts: ['a', 'b'] }), 5)).toEqual([]);
  });

  it('walks the curated prompts over and over in a loop, requests first', () => {
    const looping = active({ curatedPrompts: ['a', 'b'], loop: true });
    expect(walk(looping, 5)).toEqual(['a', 'b', 'a', 'b', 'a']);
    expect(walk(withRequests(looping, 'mine'), 3)).toEqual(['mine', 'a', 'b']);
  });

  it('stops after the last curated prompt with auto-extension and nobody to write the next', () => {
    expect(walk(active({ curatedPrompts: ['a', 'b'], autoExtension: true }), 5)).toEqual(['a', 'b']);
  });

  it('walks replaced prompts from the first one and drops blank ones', () => {
    const session = replaceCuratedPrompts(active({ curatedPrompts: ['a'], loop: true }), ['x', '  ', 'y']);
    expect(walk(session, 3)).toEqual(['x', 'y', 'x']);
    expect(walk(replaceCuratedPrompts(session, []), 3)).toEqual([]);
  });

  it('turns a toggle without touching the others', () => {
    expect(setToggle(active({ loop: true }), 'enhancement', true).toggles).toEqual({
      enhancement: true,
      autoExtension: false,
      loop: true,
    });
  });

  it('keeps the last state when a segment brought none, and counts only completed segments', () => {
    const state = { kind: 'k', payload: { at: 1 } };
    const first = endSegment(active(), { ...ended, continuation: state });
    const failed = endSegment(first, {
      started: true,
      completed: false,
      timeline: { videoFrames: 60 },
      durationMs: 500,
    });
    expect(failed).toMatchObject({ continuation: state, completedSegments: 1, ptsBaseMs: 2500 });
    expect(failed.timeline.videoFrames).toBe(60);
  });
});
