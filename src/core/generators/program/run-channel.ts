import { alarm } from '../../base/async/deadline.ts';
import { deferred } from '../../base/async/deferred.ts';
import { Queue } from '../../base/async/queue.ts';
import type { FromWorker, ToWorker } from '../../protocol/worker/messages.ts';
import type { SteeringInbox } from '../steering.ts';

type OfRun = Extract<FromWorker, { run_id: number }>;

/** What a run brings between `started` and its end. */
export type RunPart = Exclude<OfRun, { type: 'started' | 'failed' }>;

export interface RunPartWithPayload {
  readonly message: RunPart;
  readonly payload: Uint8Array;
}

export interface RunSignals {
  /** Ends the run at the next frame; what was made is still sent. */
  readonly cancel: AbortSignal;
  /** Stops it at once: nobody waits for it any more. */
  readonly abandon: AbortSignal;
  /** Changes of the prompt; unset: none come. */
  readonly steering?: SteeringInbox;
}

interface ChannelOptions {
  readonly id: number;
  readonly send: (message: ToWorker) => void;
  readonly signals: RunSignals;
  /** How long the worker may take to end the run when asked to. */
  readonly graceMs: number;
  /** It did not; `asked` is what it was asked to do. */
  readonly onStuck: (asked: 'cancel' | 'abandon') => void;
}

/** Payload that counts against the worker's window until it is acknowledged. */
const acknowledged: ReadonlySet<RunPart['type']> = new Set(['media', 'jpeg', 'frame', 'audio']);

/** Payload that is acknowledged at once; less than any window that makes sense. */
const ackBytes = 64 * 1024;

/** One run as the side sees it that asked for it. */
export class RunChannel {
  readonly id: number;
  readonly #options: ChannelOptions;
  readonly #started = deferred<number>();
  readonly #ended = deferred();
  readonly #parts = new Queue<RunPartWithPayload>(1);
  #over = false;
  #abandoned = false;
  #grace: Disposable | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.id = options.id;
    const { cancel, abandon } = options.signals;
    cancel.addEventListener('abort', this.#onCancel, { once: true });
    abandon.addEventListener('abort', this.#onAbandon, { once: true });
  }

  /** Resolves with the steps that the run will report; rejects when it ends before it began. */
  get started(): Promise<number> {
    return this.#started.promise;
  }

  /** Resolves when the worker is done with the run, however it ended. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Called once the run has been sent: a signal that aborted before it takes effect now. */
  sent(): void {
    const { steering } = this.#options.signals;
    steering?.forward(({ prompt, transitionMs }) => {
      if (this.#over) return;
      const change = { prompt, transition_ms: transitionMs, not_before_frame: steering.notBefore };
      this.#options.send({ type: 'steer', run_id: this.id, ...change });
    });
    if (this.#options.signals.cancel.aborted) this.#onCancel();
    if (this.#options.signals.abandon.aborted) this.#onAbandon();
  }

  begin(totalSteps: number): void {
    this.#started.resolve(totalSteps);
  }

  take(message: RunPart, payload: Uint8Array): void {
    this.#parts.offer({ message, payload });
  }

  /** The worker is done with it, or gone. */
  end(error?: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#grace?.[Symbol.dispose]();
    const { cancel, abandon } = this.#options.signals;
    cancel.removeEventListener('abort', this.#onCancel);
    abandon.removeEventListener('abort', this.#onAbandon);
    if (error !== undefined) this.#started.reject(error);
    this.#parts.end(error === undefined ? undefined : { error });
    this.#ended.resolve();
  }

  /** The parts, up to `done`. Leaving the iteration early abandons the run. */
  async *parts(): AsyncGenerator<RunPartWithPayload, void, undefined> {
    let taken = 0;
    try {
      for await (const part of this.#parts) {
        yield part;
        // Counted when the consumer comes for more: it has then dealt with this one.
        const { message, payload } = part;
        if (acknowledged.has(message.type)) taken += payload.length;
        // Small parts are acknowledged together, unless nothing else is there to be dealt with first.
        if (taken === 0 || this.#over || (taken < ackBytes && this.#parts.size > 0)) continue;
        this.#options.send({ type: 'ack', run_id: this.id, bytes: taken });
        taken = 0;
      }
    } finally {
      this.#abandon(new Error('The consumer has left.'));
    }
  }

  readonly #onCancel = (): void => {
    if (this.#over) return;
    this.#options.send({ type: 'cancel', run_id: this.id });
    this.#watch('cancel');
  };

  readonly #onAbandon = (): void => this.#abandon(this.#options.signals.abandon.reason);

  #abandon(reason: unknown): void {
    if (this.#abandoned || this.#over) return;
    this.#abandoned = true;
    this.#started.reject(reason);
    this.#parts.end({ error: reason });
    this.#options.send({ type: 'abandon', run_id: this.id });
    this.#watch('abandon');
  }

  #watch(asked: 'cancel' | 'abandon'): void {
    this.#grace?.[Symbol.dispose]();
    this.#grace = alarm(this.#options.graceMs, () => {
      // Parts that nobody took hold the worker up: that is not its fault.
      if (asked === 'cancel' && this.#parts.size > 0) this.#watch(asked);
      else this.#options.onStuck(asked);
    });
  }
}
