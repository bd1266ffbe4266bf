import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientFrameInput } from '../../src/core/protocol/native/client-frames.ts';
import { parseClientFrame } from '../../src/core/protocol/native/parse.ts';

const prompt = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((text) => /\S/.test(text));
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const toggleType = fc.constantFrom(
  'enhancement_updated' as const,
  'auto_extension_updated' as const,
  'loop_generation_updated' as const,
);

const validFrame: fc.Arbitrary<ClientFrameInput> = fc.oneof(
  fc.record({
    type: fc.constant('session_init_v2' as const),
    client_id: optional(fc.string({ maxLength: 200 })),
    curated_prompts: fc.array(fc.string({ unit: 'grapheme', maxLength: 50 }), { maxLength: 5 }),
    single_clip_mode: fc.boolean(),
    enhancement_enabled: fc.boolean(),
    auto_extension_enabled: fc.boolean(),
    loop_generation_enabled: fc.boolean(),
    stream_mode: fc.constantFrom('av_fmp4' as const, 'legacy_jpeg' as const),
    continuation_state: optional(
      fc.record({
        kind: fc.string({ minLength: 1, maxLength: 50 }),
        payload: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue(), { noNullPrototype: true }),
      }),
    ),
  }),
  fc.record({
    type: fc.constant('segment_prompt_source' as const),
    prompt,
    negative_prompt: optional(prompt),
    source: fc.constantFrom(
      'user' as const,
      'curated' as const,
      'enhanced' as const,
      'auto_extension' as const,
    ),
    seed: optional(fc.maxSafeInteger()),
    num_inference_steps: optional(fc.integer({ min: 1, max: 1000 })),
    guidance_scale: optional(fc.double({ min: 0, max: 1000, noNaN: true }).map((value) => value + 0)),
  }),
  fc.record({ type: toggleType, enabled: fc.boolean() }),
  fc.record({ type: fc.constant('generation_paused_updated' as const), paused: fc.boolean() }),
  fc.record({
    type: fc.constant('seed_prompts_updated' as const),
    seed_prompts: fc.array(prompt, { maxLength: 5 }),
  }),
  fc.record({ type: fc.constant('rewrite_seed_prompts' as const), count: fc.integer({ min: 1, max: 20 }) }),
  fc.record({
    type: fc.constantFrom('snapshot_state', 'cancel_segment', 'leave'),
  }) as fc.Arbitrary<ClientFrameInput>,
);

describe('parseClientFrame', () => {
  it('answers any text with a frame or one line that says what is wrong', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => isAnswer(parseClientFrame(text))));
  });

  it('answers any JSON with a frame or one line that says what is wrong', () => {
    fc.assert(fc.property(fc.json(), (text) => isAnswer(parseClientFrame(text))));
  });

  it('answers any object with a known type with a frame or one line that says what is wrong', () => {
    const types = fc.constantFrom('session_init_v2', 'segment_prompt_source', 'leave', 'error', '__proto__');
    const frame = fc.tuple(types, fc.dictionary(fc.string(), fc.jsonValue()));
    fc.assert(
      fc.property(frame, ([type, rest]) => isAnswer(parseClientFrame(JSON.stringify({ ...rest, type })))),
    );
  });

  it('gives every valid frame back as it was written, with the defaults filled in', () => {
    fc.assert(
      fc.property(validFrame, (frame) => {
        const text = JSON.stringify(frame);
        const parsed = parseClientFrame(text);
        expect(parsed.ok ? parsed.frame : parsed.problem).toMatchObject(JSON.parse(text) as object);
      }),
    );
  });

  it('gives back what it gave when its answer is sent again', () => {
    fc.assert(
      fc.property(validFrame, (frame) => {
        const once = parseClientFrame(JSON.stringify(frame));
        expect(once.ok && parseClientFrame(JSON.stringify(once.frame))).toEqual(once);
      }),
    );
  });

  it('refuses a long frame that is nested too deeply, before it is read', () => {
    const frame = { type: 'session_init_v2', client_id: 'x', note: 'x'.repeat(64 * 1024) };
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const text = (levels: number) =>
      JSON.stringify({ ...frame, more: 0 }).replace(/0}$/, `${nested(levels)}}`);
    expect(parseClientFrame(text(99))).toMatchObject({ ok: true });
    expect(parseClientFrame(text(100))).toEqual({
      ok: false,
      problem: 'JSON of too many or too deeply nested parts',
    });
  });

  it('does not look at the items of a list that is too long', () => {
    const seeds = (length: number) =>
      JSON.stringify({ type: 'seed_prompts_updated', seed_prompts: Array(length).fill(1) });
    expect(parseClientFrame(seeds(100_001))).toEqual({
      ok: false,
      type: 'seed_prompts_updated',
      problem: 'seed_prompts_updated: seed_prompts: a list of 100001, the limit is 10000',
    });
    expect(parseClientFrame(seeds(2))).toMatchObject({ problem: expect.stringContaining('seed_prompts.1') });
  });

  it('names what is wrong in one line, whatever the names in it are', () => {
    const type = parseClientFrame(JSON.stringify({ type: '\n\u202e' }));
    expect(type).toMatchObject({ ok: false, problem: 'unknown type "\\n\\u202e"' });
    const rewrite = {
      type: 'session_init_v2',
      checkpoint: { current: 1 },
      initial_image: { ['\n'.repeat(100)]: 1 },
    };
    const parsed = parseClientFrame(JSON.stringify(rewrite));
    expect(parsed.ok ? '\n' : parsed.problem).not.toContain('\n');
  });

  it('names an unknown type without repeating all of a long one', () => {
    const parsed = parseClientFrame(JSON.stringify({ type: 'x'.repeat(10_000) }));
    expect(parsed.ok ? '' : parsed.problem).toMatch(/^unknown type "x{57}\.\.\."$/);
  });
});

function isAnswer(parsed: ReturnType<typeof parseClientFrame>): boolean {
  return parsed.ok
    ? typeof parsed.frame.type === 'string'
    : parsed.problem !== '' && !parsed.problem.includes('\n');
}
