import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChoicesSchema, type CreationConfig } from '../../../src/core/protocol/project/creation.ts';
import {
  fromProjectCheckpoint,
  ProjectCheckpointSchema,
  projectMembers,
} from '../../../src/core/sessions/project/project-checkpoint.ts';
import type { ProjectState, RawPrompt } from '../../../src/core/sessions/project/project-state.ts';
import { valuesOf } from '../../support/from-schema.ts';
import { continuations, selections, steerings, timelines } from '../states.ts';

const words = fc.string({ minLength: 1, maxLength: 20 });
const count = fc.nat(1000);
const came = { key: fc.constant(0), promptId: words, prompt: words, receivedAt: fc.constant(0) };
const raws: fc.Arbitrary<RawPrompt> = fc.record(
  { ...came, enhancing: fc.constant(true) },
  { requiredKeys: ['key', 'promptId', 'prompt', 'receivedAt'] },
);
const temperature = fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0);
const settings = fc.record(
  { model: words, temperature, windowSystemPrompt: words, userSystemPrompt: words },
  { requiredKeys: [] },
);
const config: CreationConfig = {
  model_id: 'm',
  generation_mode: 't2va',
  aspect_ratio: '16:9',
  resolution: '480p',
  duration_sec: 5,
  segment_duration_sec: 5,
  frame_width: 640,
  frame_height: 352,
  num_frames: 120,
  generation_segment_cap: 1,
};
const creations = fc
  .record(
    { model_id: words, aspect_ratio: words, duration_sec: count, segment_count: count },
    { requiredKeys: [] },
  )
  .map((choices) => ({ choices, config }));
const asked = fc.record({ model: words, temperature, systemPrompt: words }, { requiredKeys: ['model'] });

const states: fc.Arbitrary<ProjectState> = fc
  .record({
    names: fc.record(
      {
        presetId: words,
        presetLabel: words,
        rolloutPrompt: words,
        creation: creations,
        adapters: selections,
      },
      { requiredKeys: [] },
    ),
    toggles: fc.record({ enhancement: fc.boolean(), autoExtension: fc.boolean(), loop: fc.boolean() }),
    singleClip: fc.boolean(),
    realtime: fc.boolean(),
    steering: steerings,
    seeds: fc.array(words),
    rewriteSettings: settings,
    project: fc.constantFrom('active' as const, 'ending' as const, 'idle' as const),
    paused: fc.boolean(),
    waitingFor: fc.constantFrom('initial_rewrite' as const, 'cap' as const, 'clip' as const, null),
    rewriteHold: fc.boolean(),
    rewrite: fc.option(
      fc.record(
        {
          by: fc.constantFrom('server' as const, 'client' as const),
          prompts: fc.array(words),
          count: fc.integer({ min: 1, max: 20 }),
          anew: fc.boolean(),
          instruction: words,
          settings: asked,
        },
        { requiredKeys: ['by', 'prompts', 'count', 'anew', 'settings'] },
      ),
    ),
    pendingStart: fc.option(
      fc.record(
        { reason: fc.constantFrom('init' as const, 'manual_reset' as const), clip: raws },
        { requiredKeys: ['reason'] },
      ),
    ),
    streaming: fc.boolean(),
    seedNext: count,
    raw: fc.array(raws, { maxLength: 4 }),
    ready: fc.array(
      fc.record({ ...came, source: fc.constantFrom('user_raw' as const, 'user_enhanced' as const) }),
      { maxLength: 4 },
    ),
    extension: fc.oneof(
      fc.constant({ kind: 'none' } as const),
      fc.record({ kind: fc.constant('ready' as const), prompt: words }),
      fc.record({ kind: fc.constant('failed' as const), failedAt: count }),
    ),
    sourcesBlocked: fc.boolean(),
    history: fc.array(words, { maxLength: 20 }),
    loopIteration: count,
    streams: count,
    nextSegmentIdx: fc.integer({ min: 1, max: 1000 }),
    current: fc.option(
      fc.record(
        {
          segmentIdx: fc.integer({ min: 1, max: 1000 }),
          prompt: words,
          source: fc.constantFrom('curated' as const, 'user_raw' as const, 'auto_llm' as const),
          promptId: words,
          seedPromptIndex: count,
          receivedAt: fc.constant(0),
          loopIteration: count,
          totalSegments: count,
        },
        { requiredKeys: ['segmentIdx', 'prompt', 'source', 'loopIteration', 'totalSegments'] },
      ),
    ),
    completedSegments: count,
    clipDone: fc.boolean(),
    failures: count,
    continuation: continuations,
    timeline: timelines,
  })
  .map(({ names, ...rest }) => ({ ...names, ...rest }));

const ofConnection = { begun: true, stream_id: null, segment_told: false, picture: null };

it('a session of /ws that was written into a checkpoint and read again is the same', () => {
  fc.assert(
    fc.property(states, (state) => {
      expect(written(state)).toEqual(state);
    }),
  );
});

it('every member that the schema knows is in the checkpoint of the session that was made from it', () => {
  fc.assert(
    fc.property(valuesOf(ProjectCheckpointSchema), (value) => {
      const checkpoint = ProjectCheckpointSchema.parse(value);
      const { begun, stream_id, segment_told, picture, continuation, extension } = checkpoint;
      const creation = checkpoint.creation ? { choices: checkpoint.creation, config } : undefined;
      const state = fromProjectCheckpoint(checkpoint, { continuation, creation, newPromptKey: () => 0 });
      const told = { begun, stream_id, segment_told, picture };
      const again = JSON.stringify({ ...told, ...projectMembers(state) });
      const known = { ...checkpoint, creation: checkpoint.creation ?? null };
      const expected = extension.kind === 'asked' ? { ...known, extension: { kind: 'none' } } : known;
      expect(ProjectCheckpointSchema.parse(JSON.parse(again))).toEqual(withoutFalse(expected));
    }),
  );
});

it('a prompt that a model was asked for is asked for again', () => {
  fc.assert(
    fc.property(states, (state) => {
      const waiting = { ...state, extension: { kind: 'asked' } as const };
      expect(written(waiting).extension).toEqual({ kind: 'none' });
    }),
    { numRuns: 10 },
  );
});

/** Written and read again; when a prompt came is another time in each process. */
function written(state: ProjectState): ProjectState {
  const text = JSON.stringify({ ...ofConnection, ...projectMembers(state) });
  const checkpoint = ProjectCheckpointSchema.parse(JSON.parse(text));
  const { continuation, creation } = state;
  const known = creation && { ...creation, choices: ChoicesSchema.parse(checkpoint.creation) };
  const read = fromProjectCheckpoint(checkpoint, { continuation, creation: known, newPromptKey: () => 0 });
  const timeless = <Prompt extends { readonly receivedAt?: number }>(prompt: Prompt): Prompt =>
    prompt.receivedAt === undefined ? prompt : { ...prompt, receivedAt: 0 };
  const { raw, ready, current, pendingStart } = read;
  const clip = pendingStart?.clip && timeless(pendingStart.clip);
  return {
    ...read,
    raw: raw.map(timeless),
    ready: ready.map(timeless),
    current: current && timeless(current),
    pendingStart: pendingStart && { ...pendingStart, ...(clip ? { clip } : {}) },
  };
}

/** A prompt that is not being enhanced says nothing of it. */
function withoutFalse(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(withoutFalse);
  const members = Object.entries(value).filter(([name, member]) => name !== 'enhancing' || member === true);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutFalse(member)]));
}
