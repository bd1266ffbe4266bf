import { Queue } from '../base/async/queue.ts';
import { FastVideoError } from '../base/errors.ts';
import type { EncodePlan } from './encode-plan.ts';
import type { EncoderInput, EncoderOutput } from './encoder.ts';
import { FragmentInterleaver } from './fragment-interleaver.ts';
import { mimeType } from './mp4/codec-string.ts';
import { type Fragment, readTfdt, readTruns } from './mp4/fragment.ts';
import { addAudioTrack } from './mp4/init-segment.ts';
import { aacFrame, type SoundTrack } from './sound-track.ts';
import type { Timeline } from './timeline.ts';
import type { TrackEncoder } from './track-encoder.ts';

/** Sound that may wait for its encoder before the frames have to wait too. */
const unreadSoundBytes = 4 * 1024 * 1024;

export interface Sound {
  readonly encoder: TrackEncoder;
  readonly track: SoundTrack;
  /** The init segment of this kind of sound, once it is known. */
  readonly knownInit: Uint8Array | undefined;
  readonly onInit: (init: Uint8Array) => void;
}

export interface Segment {
  readonly plan: EncodePlan;
  readonly timeline: Timeline;
  /** Frames of it that were sent before and do not come in. */
  readonly framesBefore: number;
  /** Whether no other segment follows. */
  readonly final: boolean;
  readonly video: TrackEncoder;
  readonly sound: Sound | undefined;
}

/** One segment on its way through its encoders. Three loops run side by side: input, video out, sound out. */
export class SegmentEncoding {
  readonly #segment: Segment;
  readonly #input: AsyncIterator<EncoderInput>;
  /** One chunk being taken, one ready: what the encoders hold comes on top. */
  readonly #outputs = new Queue<EncoderOutput>(2);
  readonly #interleaver: FragmentInterleaver;
  readonly #waitingSound: { readonly fragment: Fragment; readonly time: number }[] = [];
  /** The sound's init segment; undefined once the segment has failed. */
  readonly #soundInit: Promise<Uint8Array | undefined>;
  #resolveSoundInit: (init: Uint8Array | undefined) => void = () => {};
  #freeing: Promise<void> | undefined;
  #readingInput = false;
  /** All three count from the segment's start. */
  #framesIn: number;
  #framesOut: number;
  #framesSent: number;

  constructor(segment: Segment, input: AsyncIterable<EncoderInput>) {
    const { timeline, sound, framesBefore } = segment;
    this.#segment = segment;
    this.#framesIn = framesBefore;
    this.#framesOut = framesBefore;
    this.#framesSent = framesBefore;
    this.#input = input[Symbol.asyncIterator]();
    const packetsBefore = Math.ceil((sound?.track.nextSample ?? 0) / aacFrame);
    this.#interleaver = new FragmentInterleaver(1 + timeline.videoFrames + framesBefore + packetsBefore);
    this.#soundInit = new Promise((resolve) => {
      this.#resolveSoundInit = resolve;
    });
    if (sound?.knownInit) this.#resolveSoundInit(sound.knownInit);
  }

  /** Runs the segment. Frees everything when the consumer leaves, when it fails, and when `fail` is called. */
  async *outputs(): AsyncGenerator<EncoderOutput, void, undefined> {
    const relays = [this.#relayVideo(), this.#relaySound()];
    const work = Promise.all([this.#readInput(), ...relays])
      .then(() => this.#finish())
      .catch((error: unknown) => this.fail(error));
    try {
      yield* this.#outputs;
      await work;
    } finally {
      await this.free();
      await Promise.allSettled(relays);
    }
  }

  /** Ends the segment with this error, unless it has ended already. */
  fail(error: unknown): void {
    this.#outputs.end({ error });
    void this.free();
  }

  /** Ends the encoders and lets the input go. Resolves when the encoders have gone. */
  free(): Promise<void> {
    this.#freeing ??= this.#freeOnce();
    return this.#freeing;
  }

  async #freeOnce(): Promise<void> {
    const { video, sound } = this.#segment;
    this.#outputs.close();
    this.#resolveSoundInit(undefined);
    // An input that is busy hears of it when it has given its next item: waiting for that could take for ever.
    // Whatever it throws then comes after the end, where nobody can be told.
    if (this.#readingInput) this.#input.return?.().catch(() => {});
    await Promise.all([video.kill(), sound?.encoder.kill()]);
  }

  get #stopped(): boolean {
    return this.#freeing !== undefined;
  }

  async #readInput(): Promise<void> {
    const { video, sound } = this.#segment;
    if (sound) this.#feedSound(sound);
    for (;;) {
      this.#readingInput = true;
      const next = await this.#input.next();
      this.#readingInput = false;
      if (this.#stopped || next.done) break;
      if (next.value.type === 'frame') await this.#writeFrame(next.value.data, next.value.release);
      else if (sound) await this.#writeSound(sound, next.value.samples);
      if (this.#stopped || !video.isRunning) break;
    }
    if (this.#stopped) {
      await this.#input.return?.();
      return;
    }
    if (this.#framesIn === this.#segment.framesBefore && video.isRunning) {
      throw new FastVideoError(
        'input_invalid',
        'There is no frame to encode: the input ended before the first one.',
      );
    }
    video.end();
    if (!sound) return;
    sound.track.padTo(this.#framesIn);
    this.#feedSound(sound);
    sound.encoder.end();
  }

  async #writeFrame(data: Uint8Array, release?: () => void): Promise<void> {
    const { plan, video, sound } = this.#segment;
    if (data.length !== plan.frameBytes) {
      throw new FastVideoError(
        'input_invalid',
        `Frame ${this.#framesIn} has ${data.length} bytes; ${plan.width}x${plan.height} ${plan.sourceFormat.toUpperCase()} needs ${plan.frameBytes}.`,
      );
    }
    this.#framesIn += 1;
    sound?.track.forget(this.#framesIn);
    await video.write(data, release);
  }

  async #writeSound(sound: Sound, samples: Float32Array | Int16Array): Promise<void> {
    sound.track.append(samples);
    this.#feedSound(sound);
    if (sound.encoder.unreadBytes > unreadSoundBytes) await sound.encoder.write(new Uint8Array(0));
  }

  #feedSound({ track, encoder }: Sound): void {
    const samples = track.unfed();
    encoder.writeNow(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }

  async #relayVideo(): Promise<void> {
    const { plan, timeline, video, framesBefore } = this.#segment;
    const { ticksPerFrame, timescale } = plan.fps;
    const firstFrame = timeline.videoFrames + framesBefore;
    const framesPerChunk = (plan.fragmentDurationMs / 1000) * (plan.fps.num / plan.fps.den);
    for await (const event of video.events()) {
      if (event.type === 'init') {
        await this.#sendInit(event.data);
        continue;
      }
      const { moof } = event.fragment;
      const time = firstFrame * ticksPerFrame + readTfdt(moof);
      this.#interleaver.addVideo(event.fragment, time, timescale);
      this.#framesOut += readTruns(moof).sampleCount;
      const isDue = this.#framesOut - this.#framesSent >= framesPerChunk;
      if (isDue || this.#framesSent === framesBefore) await this.#sendMedia(false);
    }
    const error = await video.exited;
    if (error) throw error;
    // What is left of the frames is sent with the last of the sound: frames alone would be the end of the segment to
    // whoever goes on elsewhere with it, and their sound late.
    if (this.#framesOut !== this.#framesIn || this.#framesIn === framesBefore) throw this.#framesLost();
  }

  async #relaySound(): Promise<void> {
    const { sound } = this.#segment;
    if (!sound) return;
    let packet = 0;
    for await (const event of sound.encoder.events()) {
      if (event.type === 'init') {
        sound.onInit(event.data);
        this.#resolveSoundInit(event.data);
        continue;
      }
      const time = sound.track.packetTime(packet);
      packet += 1;
      if (!sound.track.isBefore(time)) this.#waitingSound.push({ fragment: event.fragment, time });
    }
    const error = await sound.encoder.exited;
    if (error) throw error;
  }

  async #sendInit(video: Uint8Array): Promise<void> {
    const { sound } = this.#segment;
    const soundInit = sound && (await this.#soundInit);
    if (sound && !soundInit) return;
    const data = soundInit ? addAudioTrack(video, soundInit) : video;
    await this.#outputs.push({ type: 'init', data, mime: mimeType(data) });
  }

  /** Sends what has come out of the encoders; of the sound, what lies within the frames (all of it at the very end). */
  async #sendMedia(final: boolean): Promise<void> {
    const { plan, timeline, sound } = this.#segment;
    if (sound && plan.audio) {
      for (;;) {
        const first = this.#waitingSound[0];
        if (!first || !sound.track.maySend(first.time, this.#framesOut, final)) break;
        this.#waitingSound.shift();
        this.#interleaver.addAudio(first.fragment, first.time, plan.audio.sampleRate);
        sound.track.sent(first.time);
      }
    }
    if (this.#interleaver.isEmpty) return;
    const frames = this.#framesOut - this.#framesSent;
    this.#framesSent = this.#framesOut;
    const videoFrames = timeline.videoFrames + this.#framesSent;
    await this.#outputs.push({
      type: 'media',
      data: this.#interleaver.take(),
      frames,
      timeline: sound ? { videoFrames, audio: sound.track.carry('cut') } : { videoFrames },
    });
  }

  async #finish(): Promise<void> {
    const { plan, timeline, final, sound } = this.#segment;
    await this.#sendMedia(final);
    const frames = this.#framesSent;
    const videoFrames = timeline.videoFrames + frames;
    this.#outputs.offer({
      type: 'end',
      frames,
      durationMs: (frames * 1000 * plan.fps.den) / plan.fps.num,
      timeline: sound ? { videoFrames, audio: sound.track.carry(frames) } : { videoFrames },
    });
    this.#outputs.end();
  }

  #framesLost(): FastVideoError {
    return new FastVideoError(
      'encoder_failed',
      `The encoder wrote ${this.#framesOut} frames out of ${this.#framesIn}: the extra arguments must not change the number of frames.`,
    );
  }
}
