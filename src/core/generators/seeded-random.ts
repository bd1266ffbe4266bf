/** Numbers in [0, 1) that depend on the seed only (mulberry32: 32 bits of state). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/**
 * About normally distributed numbers (mean 0, variance 1): the sum of twelve uniform ones, less six. Additions only,
 * so that no machine's logarithm or cosine can change the last bit.
 */
export function seededNormal(seed: number): () => number {
  const random = seededRandom(seed);
  return () => {
    let sum = -6;
    for (let count = 0; count < 12; count++) sum += random();
    return sum;
  };
}
