import { describe, expect, it } from 'vitest';
import { type PlannedSegment, type PlanOptions, SegmentPlan } from '../../src/core/client/segment-plan.ts';

const state = { kind: 'k', payload: {} };

function planOf(prompts: readonly string[], options: Partial<PlanOptions> = {}): SegmentPlan {
  const plan = new SegmentPlan({
    state: undefined,
    limit: undefined,
    stateless: false,
    auto: false,
    ...options,
  });
  plan.newSession();
  for (const prompt of prompts) plan.add(prompt);
  return plan;
}

let lastKey = 0;

/** The request that the plan sends, if it sends one. */
function sendNext(plan: SegmentPlan): PlannedSegment | undefined {
  let sent: PlannedSegment | undefined;
  plan.sendNext((request) => {
    sent = request;
    lastKey += 1;
    return lastKey;
  });
  return sent;
}

/** Sends the next request and sees it begin. */
function begin(plan: SegmentPlan): string | undefined {
  const next = sendNext(plan);
  if (next) plan.begin({ key: lastKey, request: next, segmentIdx: 0 });
  return next && `${next.prompt}${next.replay ? ' (again)' : ''}`;
}

function make(plan: SegmentPlan): string | undefined {
  const begun = begin(plan);
  plan.complete();
  return begun;
}

describe('SegmentPlan', () => {
  it('lets one request wait in the server', () => {
    const plan = planOf(['a', 'b', 'c']);
    begin(plan);
    expect([sendNext(plan)?.prompt, sendNext(plan)]).toEqual(['b', undefined]);
  });

  it('takes a segment that the server chose for none of its own, and gives the one that failed', () => {
    const plan = planOf(['a', 'b']);
    begin(plan);
    const running = lastKey;
    sendNext(plan);
    const sent = lastKey;
    expect(plan.takeFailed(() => false)).toBeUndefined();
    expect(plan.takeFailed((key) => key === sent)).toMatchObject({ request: { prompt: 'b' }, own: false });
    expect(plan.takeFailed((key) => key === running)).toMatchObject({ request: { prompt: 'a' }, own: false });
    plan.begin({ key: 99, request: { prompt: 'chosen', source: 'curated' }, segmentIdx: 1 });
    expect(plan.takeFailed((key) => key === 99)).toMatchObject({ request: { prompt: 'chosen' }, own: true });
  });

  it('wants no more prompts than the film has segments', () => {
    const plan = planOf(['a'], { limit: 2 });
    expect(plan.wantsPrompt).toBe(true);
    plan.add('b');
    expect([make(plan), make(plan), plan.wantsPrompt, plan.limitReached]).toEqual(['a', 'b', false, true]);
  });

  it('asks again for what a lost connection cut off, in its place', () => {
    const plan = planOf(['a', 'b', 'c']);
    begin(plan);
    sendNext(plan);
    plan.connectionLost();
    expect([make(plan), make(plan), make(plan)]).toEqual(['a', 'b', 'c']);
  });

  it('does not ask again for a segment of which all media came', () => {
    const plan = planOf(['a', 'b']);
    begin(plan);
    plan.mediaComplete();
    plan.connectionLost();
    expect([plan.made, make(plan)]).toEqual([1, 'b']);
  });

  it('makes again in a new session what came after the last state', () => {
    const plan = planOf(['a', 'b', 'c']);
    make(plan);
    plan.snapshot(state);
    make(plan);
    expect([plan.state, plan.stateIsLast]).toEqual([state, false]);
    plan.newSession();
    expect([make(plan), plan.made, make(plan), plan.made]).toEqual(['b (again)', 2, 'c', 3]);
  });

  it('leaves a session one segment before the cap, once that is known, with the state in hand', () => {
    const plan = planOf(['a', 'b', 'c', 'd', 'e']);
    make(plan);
    plan.snapshot(state);
    make(plan);
    expect(plan.capReached()).toBe(true);
    plan.newSession();
    expect(make(plan)).toBe('b (again)');
    expect([sendNext(plan), plan.wantsNewSession]).toEqual([undefined, false]);
    plan.snapshot(state);
    expect(plan.wantsNewSession).toBe(true);
    plan.newSession();
    expect(make(plan)).toBe('c');
  });

  it('uses a session up to the cap where the server sends its state there', () => {
    const plan = planOf(['a', 'b', 'c']);
    make(plan);
    plan.snapshot(state);
    expect(plan.capReached()).toBe(true);
    plan.newSession();
    expect([make(plan), plan.hasReplays, plan.wantsNewSession]).toEqual(['b', false, false]);
  });

  it('comes no further when a session ends before any state can be had', () => {
    const plan = planOf(['a', 'b']);
    make(plan);
    expect(plan.capReached()).toBe(false);
  });

  it('makes nothing again where the server has no states', () => {
    const plan = planOf(['a', 'b']);
    make(plan);
    plan.noState();
    plan.newSession();
    expect([plan.hasReplays, make(plan)]).toEqual([false, 'b']);
  });

  it('knows a resumed session that does not stand where the film does', () => {
    const plan = planOf(['a', 'b', 'c']);
    expect([plan.standsAt(undefined), plan.standsAt(state)]).toEqual([true, false]);
    make(plan);
    plan.snapshot(state);
    const later = { kind: 'k', payload: { next: 2 } };
    expect([plan.standsAt(undefined), plan.standsAt({ ...state }), plan.standsAt(later)]).toEqual([
      false,
      true,
      false,
    ]);
    make(plan);
    expect([plan.standsAt(undefined), plan.standsAt({ ...state }), plan.standsAt(later)]).toEqual([
      false,
      false,
      true,
    ]);
  });
});
