import { deferred } from '../../base/async/deferred.ts';
import { Queue } from '../../base/async/queue.ts';
import { errorMessage, FastVideoError } from '../../base/errors.ts';
import { type Sample, writeFragment } from '../mp4/fragment-writer.ts';
import type { TrackEncoder, TrackEvent } from '../track-encoder.ts';

/** Fragments that wait to be taken before no more frames are encoded. */
const fragmentsReady = 2;

/** What a track of libav has in common: its output, and how it ends. */
export abstract class LibavTrack implements TrackEncoder {
  readonly #events = new Queue<TrackEvent>(fragmentsReady);
  readonly #exit = deferred<FastVideoError | undefined>();
  #hasEnded = false;
  /** Of the next fragment. */
  #time = 0;

  get exited(): Promise<FastVideoError | undefined> {
    return this.#exit.promise;
  }

  get isRunning(): boolean {
    return !this.#hasEnded;
  }

  abstract readonly unreadBytes: number;
  abstract write(data: Uint8Array, onRead?: () => void): Promise<void>;
  abstract writeNow(data: Uint8Array): void;
  abstract end(): void;
  abstract kill(): Promise<void>;

  async *events(): AsyncGenerator<TrackEvent, void, undefined> {
    yield* this.#events;
  }

  protected giveInit(data: Uint8Array): void {
    this.#events.offer({ type: 'init', data });
  }

  /** Resolves when there is room for more. */
  protected async give(sample: Sample): Promise<void> {
    await this.#events.push(this.#fragment(sample));
  }

  protected giveNow(sample: Sample): void {
    this.#events.offer(this.#fragment(sample));
  }

  #fragment(sample: Sample): TrackEvent {
    const fragment = writeFragment(sample, this.#time);
    this.#time += sample.duration;
    return { type: 'fragment', fragment };
  }

  /** All has come out, or an error ended it. What has come out before can still be taken. */
  protected finish(error?: unknown): void {
    this.#hasEnded = true;
    this.#events.end();
    this.#exit.resolve(error === undefined ? undefined : encoderError(error));
  }

  /** Nobody takes any more. */
  protected drop(): void {
    this.#hasEnded = true;
    this.#events.close();
    this.#exit.resolve(undefined);
  }
}

function encoderError(error: unknown): FastVideoError {
  if (error instanceof FastVideoError) return error;
  return new FastVideoError('encoder_failed', `libav failed: ${errorMessage(error)}`, { cause: error });
}
