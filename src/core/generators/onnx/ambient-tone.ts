import { seededNormal } from '../seeded-random.ts';
import { noiseSecond, sineSecond, soundFormat } from '../sound-clock.ts';
import { shapeLength } from './prompt-latent.ts';

/** Hz; a pentatonic scale in just intonation, so that any choice of them sounds together. */
const partials = [54, 81, 108, 135, 162, 180, 216, 243, 270, 324, 360, 432, 486, 540, 648, 720];
/** Seconds; how long each partial takes to swell and to wander between the sides. */
const swellSeconds = [9, 11, 7, 8, 10, 13, 6, 9, 7, 12, 8, 11, 6, 10, 7, 9];
const wanderSeconds = [17, 19, 23, 16, 21, 18, 25, 14, 20, 15, 22, 17, 19, 13, 24, 16];
/** How strongly the latent prefers some partials over others. */
const choice = 1.3;
/** Root mean square of both channels together, about -20 dBFS each. */
const level = 0.145;
const fadeInSamples = 0.25 * soundFormat.sampleRate;

/** What the latent says about each partial: [partials, 20]. */
const preferences = (() => {
  const normal = seededNormal(20);
  return partials.map(() => Array.from({ length: shapeLength }, () => normal() / Math.sqrt(shapeLength)));
})();

/** Loudness of each partial, left and right by turns, at a sample. A function of the latent and the sample only. */
export function partialGains(latent: readonly number[], sample: number): Float64Array {
  const wanted = partials.map((frequency, index) => {
    const score = (preferences[index] ?? []).reduce((sum, value, at) => sum + value * (latent[at] ?? 0), 0);
    // High partials sound louder, and small loudspeakers do not play the lowest: less of both.
    const tilt = (108 / (frequency + 108)) * (frequency ** 2 / (frequency ** 2 + 100 ** 2));
    return tilt * Math.exp(choice * Math.max(-6, Math.min(6, score)));
  });
  const loudness = level / Math.sqrt(wanted.reduce((sum, gain) => sum + (gain * gain) / 2, 0));
  const gains = new Float64Array(partials.length * 2);
  for (const [index, gain] of wanted.entries()) {
    const swell = 0.72 + 0.28 * slowSine(sample, swellSeconds[index] ?? 9, index * 0.37);
    const side = Math.PI * (0.25 + 0.14 * slowSine(sample, wanderSeconds[index] ?? 19, index * 0.61));
    gains[index * 2] = gain * loudness * swell * Math.cos(side);
    gains[index * 2 + 1] = gain * loudness * swell * Math.sin(side);
  }
  return gains;
}

/** Stereo samples from `start` on; the gains run evenly from those of its first sample to those of the one after its last. */
export function toneSamples(
  start: number,
  count: number,
  fromGains: Float64Array,
  toGains: Float64Array,
): Float32Array {
  const rate = soundFormat.sampleRate;
  const samples = new Float32Array(count * 2);
  for (let at = 0; at < samples.length; at += 1) samples[at] = noiseSecond[(start + (at >> 1)) % rate] ?? 0;
  for (const [index, frequency] of partials.entries()) {
    let left = fromGains[index * 2] ?? 0;
    let right = fromGains[index * 2 + 1] ?? 0;
    const leftStep = ((toGains[index * 2] ?? 0) - left) / count;
    const rightStep = ((toGains[index * 2 + 1] ?? 0) - right) / count;
    let phase = ((start % rate) * frequency) % rate;
    for (let at = 0; at < samples.length; at += 2) {
      const wave = sineSecond[phase] ?? 0;
      samples[at] = (samples[at] ?? 0) + wave * left;
      samples[at + 1] = (samples[at + 1] ?? 0) + wave * right;
      left += leftStep;
      right += rightStep;
      phase += frequency;
      if (phase >= rate) phase -= rate;
    }
  }
  if (start < fadeInSamples) fadeIn(samples, start);
  return samples;
}

/** The session's first moment comes up from silence. */
function fadeIn(samples: Float32Array, start: number): void {
  for (let at = 0; at < samples.length; at++) {
    const share = Math.min(1, (start + (at >> 1)) / fadeInSamples);
    samples[at] = (samples[at] ?? 0) * share * share * (3 - 2 * share);
  }
}

function slowSine(sample: number, seconds: number, turns: number): number {
  const period = seconds * soundFormat.sampleRate;
  return Math.sin(2 * Math.PI * ((sample % period) / period + turns));
}
