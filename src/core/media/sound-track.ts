import { FastVideoError } from '../base/errors.ts';
import type { AudioPlan } from './encode-plan.ts';
import { type FrameRate, framesToTicks } from './frame-rate.ts';
import { SampleHistory } from './sample-history.ts';
import type { AudioCarry, SentMedia, Timeline } from './timeline.ts';

/** Samples per channel in an AAC-LC frame. */
export const aacFrame = 1024;
/**
 * Silence in front of everything: enough for ffmpeg to open the encoder and write the `moov` before any sound is there.
 * Its packets are dropped.
 */
const leadSilence = 4 * aacFrame;

/** Bytes of the lead silence, as float32 samples. */
export function leadBytes({ channels }: AudioPlan): number {
  return leadSilence * channels * Float32Array.BYTES_PER_ELEMENT;
}

/** Sound that a fresh encoder hears before the first packet that is sent, so that it decides as the last one did. */
const runUp = 2 * aacFrame;
/**
 * How far behind a packet's start its encoder listens: the packet's two blocks, and the next block to choose the window.
 * A packet is sent only when all of that lies within the frames made so far; what comes later may belong to another segment.
 */
const lookAhead = 3 * aacFrame;

/**
 * One segment's sound on the session's grid of AAC frames.
 *
 * Packet `j` of a fresh encoder decodes to its input's block `j - 1` (packet 0 is its priming). The encoder is fed, from
 * a multiple of 1024 on: silence, the end of the segment before (the run-up), then the new sound. Packets before
 * `nextSample` are dropped, so the ones sent lie exactly behind those of the segment before, or behind what was sent of
 * this one.
 */
export class SoundTrack {
  readonly #plan: AudioPlan;
  readonly #fps: FrameRate;
  readonly #baseFrames: number;
  #history: SampleHistory;
  /** Position of the first sample that the encoder is fed. */
  readonly #feedStart: number;
  #fedUntil: number;
  #nextSample: number;

  constructor(plan: AudioPlan, fps: FrameRate, timeline: Timeline, sent?: SentMedia) {
    this.#plan = plan;
    this.#fps = fps;
    this.#baseFrames = timeline.videoFrames;
    const start = this.position(0);
    const carry = timeline.audio;
    this.#nextSample = sent?.nextSample ?? carry?.nextSample ?? floorToFrame(start);
    const firstFrame = this.position(sent?.frames ?? 0);
    const realStart = Math.min(this.#nextSample, floorToFrame(firstFrame)) - runUp;
    this.#feedStart = realStart - leadSilence;
    this.#fedUntil = realStart;
    this.#history = new SampleHistory(plan.channels, carry?.tailStart ?? start);
    if (carry) this.#history.append(carry.tail);
    // After a cut the sound before may end short of the new segment's first frame, or beyond it.
    if (this.#history.end < start) this.#history.append(this.#silence(start - this.#history.end));
    else if (this.#history.end > start) this.#history = this.#cutAt(start);
  }

  /** Where `frames` frames of this segment end, in samples from the session's start. */
  position(frames: number): number {
    return framesToTicks(this.#baseFrames + frames, this.#plan.sampleRate, this.#fps);
  }

  /** `tfdt` of the next packet to send. */
  get nextSample(): number {
    return this.#nextSample;
  }

  /** Adds new sound, interleaved float32 or int16. Throws `input_invalid` for half a sample. */
  append(samples: Float32Array | Int16Array): void {
    const { channels } = this.#plan;
    if (samples.length % channels !== 0) {
      throw new FastVideoError(
        'input_invalid',
        `A block of sound has ${samples.length} values, which ${channels} interleaved channels do not divide.`,
      );
    }
    // Copied: a part of it is kept for the next segment, when its owner may long have overwritten it.
    this.#history.append(samples instanceof Float32Array ? samples.slice() : toFloat(samples));
  }

  /** The segment ends after `frames` frames: silence up to there where the sound is shorter. */
  padTo(frames: number): void {
    const missing = this.position(frames) - this.#history.end;
    if (missing > 0) this.#history.append(this.#silence(missing));
  }

  /** What the encoder has not been fed yet. Interleaved float32. */
  unfed(): Float32Array {
    const samples = this.#history.slice(this.#fedUntil, this.#history.end);
    // The sound of frames that were sent may still be short of where the encoder starts.
    this.#fedUntil = Math.max(this.#fedUntil, this.#history.end);
    return samples;
  }

  /** Forgets sound that no later `carry` can want once `frames` frames are made. */
  forget(frames: number): void {
    const oldest = Math.min(this.position(frames), this.#fedUntil) - lookAhead - runUp - aacFrame;
    this.#history.forgetBefore(oldest);
  }

  /** `tfdt` of the encoder's packet `index`, counted from 0. */
  packetTime(index: number): number {
    return this.#feedStart + (index - 1) * aacFrame;
  }

  /** Whether a packet of this time was sent before, or holds only what the encoder was fed as a run-up. */
  isBefore(time: number): boolean {
    return time < this.#nextSample;
  }

  /** Whether a packet may be sent when `frames` frames are made. `final`: no other segment comes after. */
  maySend(time: number, frames: number, final: boolean): boolean {
    const end = this.position(frames);
    return final ? time < end : time + lookAhead <= end;
  }

  sent(time: number): void {
    this.#nextSample = time + aacFrame;
  }

  /** Where the sound goes on after `frames` frames; with nothing to go on from after a cut. */
  carry(frames: number | 'cut'): AudioCarry {
    const nextSample = this.#nextSample;
    if (frames === 'cut') return { nextSample, tailStart: nextSample, tail: new Float32Array(0) };
    const end = this.position(frames);
    const tailStart = Math.max(0, Math.min(nextSample, end) - runUp);
    return { nextSample, tailStart, tail: this.#history.slice(tailStart, end) };
  }

  #silence(samples: number): Float32Array {
    return new Float32Array(samples * this.#plan.channels);
  }

  #cutAt(end: number): SampleHistory {
    const start = Math.min(this.#fedUntil, end);
    const cut = new SampleHistory(this.#plan.channels, start);
    cut.append(this.#history.slice(start, end));
    return cut;
  }
}

function floorToFrame(sample: number): number {
  return Math.floor(sample / aacFrame) * aacFrame;
}

function toFloat(samples: Int16Array): Float32Array {
  const result = new Float32Array(samples.length);
  for (let index = 0; index < samples.length; index += 1) result[index] = (samples[index] ?? 0) / 32_768;
  return result;
}
