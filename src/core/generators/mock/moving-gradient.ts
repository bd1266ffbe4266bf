import { seededRandom } from '../seeded-random.ts';

/** Seconds until the gradient has moved by one period. */
const periodSeconds = 6;

/**
 * A gradient of all hues that moves sideways over a slope. One row and a period more is computed once; a frame is
 * that row copied from another place for each of its rows, about as cheap as filling the memory.
 */
export function movingGradient(
  width: number,
  height: number,
  seed: number,
): (seconds: number, frame: Buffer) => void {
  const random = seededRandom(seed);
  const period = Math.max(64, width);
  const hue = random();
  const slope = (0.3 + 0.5 * random()) * (random() < 0.5 ? -1 : 1);
  const row = Buffer.allocUnsafeSlow((period + width) * 3);
  for (let x = 0; x < period + width; x++) {
    for (let channel = 0; channel < 3; channel++) {
      const turn = x / period + hue + channel / 3;
      row[x * 3 + channel] = Math.round(128 + 92 * Math.cos(2 * Math.PI * turn));
    }
  }
  return (seconds, frame) => {
    const shift = ((seconds / periodSeconds) % 1) * period;
    for (let y = 0; y < height; y++) {
      const offset = Math.floor(shift + y * slope) % period;
      const start = (offset < 0 ? offset + period : offset) * 3;
      row.copy(frame, y * width * 3, start, start + width * 3);
    }
  };
}
