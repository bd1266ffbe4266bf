import fc from 'fast-check';
import type { Timeline } from '../../src/core/media/timeline.ts';
import type { ContinuationState } from '../../src/core/protocol/continuation-state.ts';

export function optional<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.option(value, { nil: undefined });
}

const sound = fc.record({
  nextSample: fc.nat(1e9),
  tailStart: fc.nat(1e9),
  tail: fc.float32Array({ maxLength: 20, noNaN: true, noDefaultInfinity: true }),
});

export const timelines: fc.Arbitrary<Timeline> = fc.record(
  { videoFrames: fc.nat(1e6), audio: sound },
  { requiredKeys: ['videoFrames'] },
);

export const continuations: fc.Arbitrary<ContinuationState | null> = fc.option(
  fc.record({ kind: fc.constant('k'), payload: fc.record({ frame: fc.nat(1e6), latent: fc.uint8Array() }) }),
);
