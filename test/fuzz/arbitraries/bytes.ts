import fc from 'fast-check';

const edges = [0, 1, 2, 7, 8, 9, 15, 16, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const change = fc.oneof(
  fc.record({ kind: fc.constant('byte' as const), at, value: fc.nat({ max: 255 }) }),
  fc.record({ kind: fc.constant('word' as const), at, value: fc.constantFrom(...edges) }),
  fc.record({ kind: fc.constant('cut' as const), at }),
  fc.record({ kind: fc.constant('remove' as const), at, value: fc.nat({ max: 64 }) }),
  fc.record({ kind: fc.constant('insert' as const), at, value: fc.uint8Array({ maxLength: 64 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at, value: fc.nat({ max: 400 }) }),
);

/** The bytes with up to four changes, for the most part in their first `headBytes`: flipped, cut off, repeated, … */
export function mutatedBytes(valid: fc.Arbitrary<Uint8Array>, headBytes = Number.POSITIVE_INFINITY) {
  return fc.tuple(valid, fc.array(change, { maxLength: 4 }), fc.boolean()).map(([bytes, list, anywhere]) => {
    let data = Buffer.from(bytes);
    for (const one of list) {
      const range = anywhere ? data.length : Math.min(data.length, headBytes);
      const offset = Math.floor(one.at * range);
      if (one.kind === 'byte' && data.length > offset) data[offset] = one.value;
      else if (one.kind === 'word' && data.length >= offset + 4) data.writeUInt32BE(one.value, offset);
      else if (one.kind === 'cut') data = data.subarray(0, offset);
      else if (one.kind === 'remove') {
        data = Buffer.concat([data.subarray(0, offset), data.subarray(offset + one.value)]);
      } else if (one.kind === 'insert') {
        data = Buffer.concat([data.subarray(0, offset), one.value, data.subarray(offset)]);
      } else if (one.kind === 'repeat') {
        data = Buffer.concat([data.subarray(0, offset + one.value), data.subarray(offset)]);
      }
    }
    return data;
  });
}
