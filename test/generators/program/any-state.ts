import fc from 'fast-check';
import type { ContinuationState } from '../../../src/core/protocol/continuation-state.ts';

const large = fc
  .tuple(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), fc.integer({ min: 1, max: 3000 }))
  .map(([text, times]) => text.repeat(times));
const bytes = fc
  .tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 1000 }))
  .map(([unit, times]) => new Uint8Array(Buffer.concat(Array<Uint8Array>(times).fill(unit))));
// `-0` is 0 in JSON.
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const small = fc.oneof(fc.string(), number, fc.boolean(), fc.constant(null));
const key = fc.string().filter((name) => name !== '$blob' && name !== '__proto__');

const { member } = fc.letrec<{ member: unknown }>((tie) => ({
  member: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    small,
    large,
    bytes,
    fc.array(tie('member'), { maxLength: 4 }),
    fc.dictionary(key, tie('member'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

/** Any state that a generator may give: JSON with bytes and long texts somewhere in it. */
export const anyState: fc.Arbitrary<ContinuationState> = fc.record({
  kind: fc.string({ minLength: 1, maxLength: 200 }),
  payload: fc.dictionary(key, member, { maxKeys: 5, noNullPrototype: true }),
});
