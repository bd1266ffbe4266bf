import fc from 'fast-check';
import type { Timeline } from '../../src/core/media/timeline.ts';
import type { ContinuationState } from '../../src/core/protocol/continuation-state.ts';
import type { Steering } from '../../src/core/sessions/steering.ts';

export function optional<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.option(value, { nil: undefined });
}

export const selections = fc.array(
  fc.record({
    name: fc.string({ minLength: 1, maxLength: 20 }),
    strength: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
  }),
  { maxLength: 3 },
);

const sound = fc.record({
  nextSample: fc.nat(1e9),
  tailStart: fc.nat(1e9),
  tail: fc.float32Array({ maxLength: 20, noNaN: true, noDefaultInfinity: true }),
});

export const timelines: fc.Arbitrary<Timeline> = fc.record(
  { videoFrames: fc.nat(1e6), audio: sound },
  { requiredKeys: ['videoFrames'] },
);

const change = { prompt: fc.string({ minLength: 1, maxLength: 20 }), transitionMs: fc.nat(60_000) };

export const steerings: fc.Arbitrary<Steering> = fc.record({
  path: fc.array(fc.record({ ...change, atFrame: fc.nat(1000) }), { maxLength: 4 }),
  wish: fc.option(fc.record({ ...change, ready: fc.boolean() })),
});

export const continuations: fc.Arbitrary<ContinuationState | null> = fc.option(
  fc.record({ kind: fc.constant('k'), payload: fc.record({ frame: fc.nat(1e6), latent: fc.uint8Array() }) }),
);
