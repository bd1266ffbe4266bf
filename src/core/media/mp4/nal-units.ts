/** Bytes of a NAL unit's length. */
const lengthSize = 4;
const startCode = Buffer.from([0, 0, 1]);

/**
 * NAL units behind start codes (ITU-T H.264, annex B), as an encoder writes them, in the form that MP4 wants: each
 * behind its length in four bytes. A copy.
 */
export function toLengthPrefixed(annexB: Buffer): Uint8Array {
  const units: Uint8Array[] = [];
  let start = annexB.indexOf(startCode);
  while (start !== -1) {
    const from = start + startCode.length;
    start = annexB.indexOf(startCode, from);
    let to = start === -1 ? annexB.length : start;
    // A start code may have a zero byte before it, and a unit does not end in one.
    while (to > from && annexB[to - 1] === 0) to -= 1;
    if (to > from) units.push(annexB.subarray(from, to));
  }
  const result = Buffer.allocUnsafe(units.reduce((bytes, unit) => bytes + lengthSize + unit.length, 0));
  let at = 0;
  for (const unit of units) {
    at = result.writeUInt32BE(unit.length, at);
    result.set(unit, at);
    at += unit.length;
  }
  return result;
}
