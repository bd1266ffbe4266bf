import { Channel } from './channel.ts';
import { FastVideoError } from './errors.ts';
import type { ServerFrame } from './frames.ts';
import { isOver, type SegmentEntry } from './segment-entry.ts';
import type { SegmentEvent } from './session-event.ts';

interface Run {
  readonly channel: Channel<SegmentEvent>;
  /** Takes no further event and is to be cancelled once it begins. */
  isUnwanted: boolean;
  /** Lets go of the caller's signal. */
  readonly release: () => void;
}

/** The segments for which somebody reads events: brings each event to its reader, and ends its reading. */
export class SegmentRuns {
  readonly #runs = new Map<number, Run>();
  readonly #unwanted: (key: number) => void;

  /** `unwanted`: the reader of this segment has stopped before its end. */
  constructor(unwanted: (key: number) => void) {
    this.#unwanted = unwanted;
  }

  /** `signal` ends the reading with its reason, and the segment. */
  add(key: number, signal: AbortSignal | undefined): Channel<SegmentEvent> {
    const release = () => signal?.removeEventListener('abort', abort);
    const stop = () => {
      release();
      run.isUnwanted = true;
      this.#unwanted(key);
    };
    const channel = new Channel<SegmentEvent>(stop);
    const run: Run = { channel, isUnwanted: false, release };
    const abort = () => {
      channel.fail(signal?.reason);
      stop();
    };
    this.#runs.set(key, run);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    return channel;
  }

  isUnwanted(key: number): boolean {
    return this.#runs.get(key)?.isUnwanted ?? false;
  }

  forget(key: number): void {
    this.#runs.delete(key);
  }

  put(key: number | undefined, event: SegmentEvent): void {
    if (key !== undefined) this.#runs.get(key)?.channel.put(event);
  }

  /** `key`: of the segment that is being made. */
  takeFrame(key: number | undefined, frame: ServerFrame): void {
    if (frame.type === 'ltx2_segment_start') {
      const { segment_idx: segmentIdx, prompt, total_steps: totalSteps } = frame;
      this.put(key, { type: 'start', segmentIdx, prompt, totalSteps });
    } else if (frame.type === 'step_complete') {
      this.put(key, { type: 'step', step: frame.step, totalSteps: frame.total_steps });
    } else if (frame.type === 'prompt_updated') {
      this.put(key, { type: 'steered', atFrame: frame.at_frame, prompt: frame.prompt });
    }
  }

  /** Ends the reading of each segment that is over. */
  settle(entries: readonly SegmentEntry[]): void {
    if (this.#runs.size === 0) return;
    for (const entry of entries) {
      const run = isOver(entry) ? this.#runs.get(entry.key) : undefined;
      if (!run) continue;
      this.#runs.delete(entry.key);
      run.release();
      if (entry.state === 'done') {
        run.channel.put({ type: 'end', segment: entry });
        run.channel.finish();
      } else run.channel.fail(errorOfEntry(entry));
    }
  }

  /** None of the segments that wait will be made. Gives their keys. */
  failAll(error: FastVideoError): number[] {
    const keys = [...this.#runs.keys()];
    for (const { channel, release } of this.#runs.values()) {
      release();
      channel.fail(error);
    }
    this.#runs.clear();
    return keys;
  }
}

function errorOfEntry({ state, error }: SegmentEntry): FastVideoError {
  if (error) return error;
  if (state === 'interrupted') {
    const message = 'The connection broke while the segment was being received.';
    return new FastVideoError('connection_lost', message, { retryable: true });
  }
  return new FastVideoError('cancelled', 'The segment was cancelled.');
}
