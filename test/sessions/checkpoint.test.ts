import fc from 'fast-check';
import { expect, it } from 'vitest';
import { timelineStart } from '../../src/core/media/timeline.ts';
import { openSession, type SegmentPrompt, type Session } from '../../src/core/sessions/session.ts';
import {
  fromCheckpoint,
  SessionCheckpointSchema,
  sessionMembers,
} from '../../src/core/sessions/session-checkpoint.ts';
import { valuesOf } from '../support/from-schema.ts';
import { continuations, optional, selections, steerings, timelines } from './states.ts';

const words = fc.string({ minLength: 1, maxLength: 20 });
const count = fc.nat(1000);
const prompts: fc.Arbitrary<SegmentPrompt> = fc
  .record({
    prompt: words,
    source: fc.constantFrom('user' as const, 'curated' as const, 'enhanced' as const),
    ready: fc.boolean(),
    rest: fc.record(
      {
        negativePrompt: words,
        seed: fc.maxSafeInteger(),
        numInferenceSteps: fc.integer({ min: 1, max: 1000 }),
        guidanceScale: fc.double({ min: 0, max: 1000, noNaN: true }).map((value) => value + 0),
        enhancingFor: count,
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ rest, ...prompt }) => ({ ...prompt, ...rest, id: 0, requestedAt: 0 }));

const sessions: fc.Arbitrary<Session> = fc
  .record({
    preset: optional(words),
    adapters: optional(selections),
    streamMode: fc.constantFrom('av_fmp4' as const, 'legacy_jpeg' as const),
    toggles: fc.record({ enhancement: fc.boolean(), autoExtension: fc.boolean(), loop: fc.boolean() }),
    singleClip: fc.boolean(),
    realtime: fc.boolean(),
    steering: steerings,
    paused: fc.boolean(),
    curatedPrompts: fc.array(words),
    curatedNext: count,
    waiting: fc.array(prompts, { maxLength: 4 }),
    ahead: fc.option(
      fc.tuple(prompts, fc.option(count)).map(([prompt, curatedIndex]) => ({ ...prompt, curatedIndex })),
    ),
    history: fc.array(words, { maxLength: 20 }),
    nextSegmentIdx: count,
    current: fc.option(
      fc.record({ segmentIdx: count, streamId: words, prompt: prompts, cancelled: fc.boolean() }),
    ),
    rewrite: fc.option(
      fc.record(
        {
          prompts: fc.array(words, { minLength: 1 }),
          count: fc.integer({ min: 1, max: 20 }),
          instruction: words,
        },
        { requiredKeys: ['prompts', 'count'] },
      ),
    ),
    enhanced: fc.array(fc.tuple(words, words)).map((pairs) => new Map(pairs)),
    writingFailed: fc.boolean(),
    completedSegments: count,
    ptsBaseMs: fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => value + 0),
    continuation: continuations,
    timeline: timelines,
  })
  .map(({ preset, adapters, ...rest }) => ({
    ...openSession({
      ...rest,
      id: 's',
      ...(preset === undefined ? {} : { preset }),
      ...(adapters === undefined ? {} : { adapters }),
    }),
    ...rest,
  }));

it('a session that was written into a checkpoint and read again is the same', () => {
  fc.assert(
    fc.property(sessions, (session) => {
      const text = JSON.stringify({ begun: true, ...sessionMembers(session) });
      const checkpoint = SessionCheckpointSchema.parse(JSON.parse(text));
      const { continuation } = session;
      const read = fromCheckpoint(checkpoint, { id: 's', continuation, newPromptId: () => 0 });
      expect(withoutTimes(read)).toEqual(session);
    }),
  );
});

it('every member that the schema knows is in the checkpoint of the session that was made from it', () => {
  fc.assert(
    fc.property(valuesOf(SessionCheckpointSchema), (value) => {
      const checkpoint = SessionCheckpointSchema.parse(value);
      const { continuation, begun } = checkpoint;
      const session = fromCheckpoint(checkpoint, { id: 's', continuation, newPromptId: () => 0 });
      const again = JSON.stringify({ begun, ...sessionMembers(session) });
      expect(withoutUnset(SessionCheckpointSchema.parse(JSON.parse(again)))).toEqual(
        withoutUnset({ ...checkpoint, enhanced: [...new Map(checkpoint.enhanced)] }),
      );
    }),
  );
});

it('a member that has not changed is the same in each checkpoint', () => {
  const session = openSession({
    id: 's',
    streamMode: 'av_fmp4',
    toggles: { enhancement: false, autoExtension: false, loop: false },
    singleClip: false,
    curatedPrompts: ['a'],
    continuation: { kind: 'k', payload: {} },
  });
  const before = sessionMembers(session);
  const after = sessionMembers({ ...session, paused: true, timeline: { ...timelineStart } });
  const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
  expect(changed).toEqual(['paused']);
});

/** When it was asked for is another time in each process. */
function withoutTimes(session: Session): Session {
  const timeless = <Prompt extends SegmentPrompt>(prompt: Prompt): Prompt => ({ ...prompt, requestedAt: 0 });
  const { waiting, ahead, current } = session;
  return {
    ...session,
    waiting: waiting.map(timeless),
    ahead: ahead && timeless(ahead),
    current: current && { ...current, prompt: timeless(current.prompt) },
  };
}

/** Null and undefined both stand for a member that is not set. */
function withoutUnset(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(withoutUnset);
  const set = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(set.map(([name, member]) => [name, withoutUnset(member)]));
}
