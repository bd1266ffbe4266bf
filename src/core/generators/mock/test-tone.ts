import { noiseSecond, sineSecond, soundFormat } from '../sound-clock.ts';
import { textHash } from '../text-hash.ts';

/** Hz; a pentatonic scale: the prompt picks one. */
const pitches = [220, 247, 294, 330, 392, 440, 494, 587, 659, 784];
const toneLevel = 0.1;
const beep = { frequency: 1000, seconds: 0.06, level: 0.2 };
const fadeInSamples = 0.02 * soundFormat.sampleRate;

export function promptPitch(prompt: string): number {
  return pitches[textHash(prompt) % pitches.length] ?? 440;
}

/** Where in its wave a tone stands: a step of `sineSecond`. */
export function advancePhase(phase: number, pitch: number, samples: number): number {
  const rate = soundFormat.sampleRate;
  return (phase + ((pitch * samples) % rate)) % rate;
}

/** Stereo samples: the tone from its phase on, and a beep at each whole second of the session, for checks of lip sync. */
export function testTone(start: number, count: number, pitch: number, phase: number): Float32Array {
  const rate = soundFormat.sampleRate;
  const samples = new Float32Array(count * 2);
  const beepLength = beep.seconds * rate;
  let step = phase;
  for (let index = 0; index < count; index++) {
    const at = start + index;
    const inSecond = at % rate;
    let value = toneLevel * (sineSecond[step] ?? 0) + (noiseSecond[inSecond] ?? 0);
    if (inSecond < beepLength) {
      const swell = 0.5 - 0.5 * Math.cos((2 * Math.PI * inSecond) / beepLength);
      value += beep.level * swell * (sineSecond[(inSecond * beep.frequency) % rate] ?? 0);
    }
    if (at < fadeInSamples) value *= at / fadeInSamples;
    samples[index * 2] = value;
    samples[index * 2 + 1] = value;
    step += pitch;
    if (step >= rate) step -= rate;
  }
  return samples;
}
