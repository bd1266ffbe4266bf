import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BoundedQueue } from '../../base/bounded-queue.ts';
import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { GeneratorInfo } from '../../generators/generator.ts';
import {
  type FromWorker,
  FromWorkerSchema,
  type ToWorker,
  workerProtocolVersion,
} from '../../protocol/worker/messages.ts';
import type { RunSignals, SegmentEvent, SegmentRequest, SegmentRun } from '../pool.ts';
import { LastWords } from './last-words.ts';
import { MessageStream } from './message-stream.ts';
import { toRequestMessage } from './request-message.ts';
import { packTimeline, unpackTimeline } from './timeline-message.ts';

type StartMessage = Extract<ToWorker, { type: 'start' }>;

export interface WorkerProcessOptions {
  /** All but `type` and `protocol` of the message that starts the worker. */
  readonly start: Omit<StartMessage, 'type' | 'protocol'>;
  /** Program and arguments; default the worker of this package in the same Node. */
  readonly command?: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
  readonly startTimeoutMs: number;
  /** How long an abandoned run may take to end before the process is killed. */
  readonly abandonGraceMs: number;
  readonly logger: Logger;
}

interface ActiveRun {
  readonly id: number;
  readonly events: BoundedQueue<SegmentEvent>;
  readonly started: (totalSteps: number) => void;
  readonly failed: (error: unknown) => void;
  readonly ended: () => void;
  abandoned: boolean;
}

const ownWorker = fileURLToPath(new URL('./worker-main.js', import.meta.url));
const stopGraceMs = 3000;

/** One worker process as the server sees it: started, given runs, stopped or found dead. */
export class WorkerProcess {
  readonly pid: number;
  /** Resolves, once the process is gone, with what ended it in words. */
  readonly exited: Promise<string>;
  #info: GeneratorInfo | undefined;
  #exit: string | undefined;
  readonly #options: WorkerProcessOptions;
  readonly #child: ChildProcess;
  readonly #stream: MessageStream;
  readonly #lastWords: LastWords;
  #nextRunId = 1;
  #active: ActiveRun | undefined;
  #idle: Promise<void> = Promise.resolve();
  #onStartMessage: ((message: FromWorker) => void) | undefined;

  /** Starts the process. Throws `start_failed` when it says so, exits, or is not ready within the time-out. */
  static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    const worker = new WorkerProcess(options);
    try {
      await worker.#becomeReady();
      return worker;
    } catch (error) {
      worker.kill();
      await worker.exited;
      throw error;
    }
  }

  private constructor(options: WorkerProcessOptions) {
    this.#options = options;
    const [program, ...args] = options.command ?? [process.execPath, ownWorker];
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: options.env ?? process.env });
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.#lastWords = new LastWords(child.stderr, (line) => {
      options.logger.warn({ worker_id: options.start.worker_id, line }, 'worker wrote to stderr');
    });
    this.#stream = new MessageStream(child.stdout, child.stdin, {
      onMessage: ({ header, payload }) => this.#receive(FromWorkerSchema.parse(header), payload),
      onError: (error) => {
        options.logger.debug(
          { worker_id: options.start.worker_id, error: errorMessage(error) },
          'worker pipe broke',
        );
        this.kill();
      },
    });
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(this.#onExit(`could not be started: ${error.message}`)));
      child.once('close', (code, signal) => {
        resolve(this.#onExit(signal === null ? `exited with code ${code}` : `was ended by ${signal}`));
      });
    });
  }

  get info(): GeneratorInfo {
    if (!this.#info) throw new FastVideoError('internal_error', 'The worker is not ready.');
    return this.#info;
  }

  get alive(): boolean {
    return this.#exit === undefined;
  }

  /** Begins a run once the one before has ended. See {@link SegmentRun} for what it throws. */
  async run(request: SegmentRequest, signals: RunSignals): Promise<SegmentRun> {
    const before = this.#idle;
    let release = (): void => {};
    this.#idle = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    if (this.#exit !== undefined) {
      release();
      throw this.#deathError(this.#exit);
    }
    const id = this.#nextRunId++;
    const events = new BoundedQueue<SegmentEvent>(1);
    const started = new Promise<number>((resolve, reject) => {
      this.#active = { id, events, started: resolve, failed: reject, ended: release, abandoned: false };
    });
    const onAbandon = () => {
      if (this.#active?.id === id) this.#abandon(this.#active, signals.abandon.reason);
    };
    signals.abandon.addEventListener('abort', onAbandon, { once: true });
    const { header, payload } = packTimeline(request.timeline);
    const message = toRequestMessage(request.generation);
    this.#send({ type: 'run', run_id: id, request: message, timeline: header }, payload);
    if (signals.abandon.aborted) onAbandon();
    try {
      return { totalSteps: await started, events: this.#relay(id, events, signals, onAbandon) };
    } catch (error) {
      signals.abandon.removeEventListener('abort', onAbandon);
      throw error;
    }
  }

  /** Asks, waits, then kills. */
  async stop(): Promise<void> {
    this.#send({ type: 'shutdown' });
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.kill(), stopGraceMs);
    await this.exited;
    clearTimeout(timer);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async *#relay(
    id: number,
    events: BoundedQueue<SegmentEvent>,
    signals: RunSignals,
    onAbandon: () => void,
  ): AsyncGenerator<SegmentEvent, void, undefined> {
    const cancel = () => this.#send({ type: 'cancel', run_id: id });
    if (signals.cancel.aborted) cancel();
    signals.cancel.addEventListener('abort', cancel, { once: true });
    try {
      for await (const event of events) {
        yield event;
        // Acknowledged when the consumer comes for more: it has then dealt with this chunk.
        if (event.type === 'media') this.#send({ type: 'ack', run_id: id, bytes: event.data.length });
      }
    } finally {
      signals.cancel.removeEventListener('abort', cancel);
      signals.abandon.removeEventListener('abort', onAbandon);
      onAbandon();
    }
  }

  /** Nobody waits for the run any more: the worker has to stop it, and is killed when it does not. */
  #abandon(run: ActiveRun, reason: unknown): void {
    if (run.abandoned) return;
    run.abandoned = true;
    run.failed(reason);
    run.events.end({ error: reason });
    this.#send({ type: 'abandon', run_id: run.id });
    const timer = setTimeout(() => {
      const { worker_id } = this.#options.start;
      this.#options.logger.warn({ worker_id }, 'worker did not stop an abandoned run and is killed');
      this.kill();
    }, this.#options.abandonGraceMs);
    void this.#idle.then(() => clearTimeout(timer));
  }

  async #becomeReady(): Promise<void> {
    const { startTimeoutMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    try {
      const said = new Promise<FromWorker>((resolve) => {
        this.#onStartMessage = resolve;
      });
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(
            new FastVideoError('start_failed', `The worker was not ready within ${startTimeoutMs / 1000} s.`),
          );
        }, startTimeoutMs);
      });
      const died = this.exited.then((how) => {
        throw new FastVideoError('start_failed', `The worker ${how}${this.#lastWords.quoted()}`);
      });
      this.#send({ type: 'start', protocol: workerProtocolVersion, ...this.#options.start });
      this.#info = infoOf(await Promise.race([said, late, died]));
    } finally {
      clearTimeout(timer);
      this.#onStartMessage = undefined;
    }
  }

  #send(message: ToWorker, payload?: Uint8Array): void {
    this.#stream.send(message, payload);
  }

  #receive(message: FromWorker, payload: Uint8Array): void {
    if (message.type === 'ready' || message.type === 'start_failed') {
      this.#onStartMessage?.(message);
      return;
    }
    if (message.type === 'pong') return;
    const run = this.#active;
    if (run?.id !== message.run_id) return;
    switch (message.type) {
      case 'started':
        run.started(message.total_steps);
        return;
      case 'step': {
        const { step, total_steps: totalSteps, stage } = message;
        run.events.offer({ type: 'step', step, totalSteps, stage });
        return;
      }
      case 'init':
        run.events.offer({ type: 'init', data: payload, mime: message.mime });
        return;
      case 'media': {
        const timeline = unpackTimeline(message.timeline, new Uint8Array(0));
        run.events.offer({ type: 'media', data: payload, frames: message.frames, timeline });
        return;
      }
      case 'state':
        run.events.offer({ type: 'state', state: message.state });
        return;
      case 'done': {
        const { frames, duration_ms: durationMs, cancelled } = message;
        const timeline = unpackTimeline(message.timeline, payload);
        run.events.offer({ type: 'done', frames, durationMs, timeline, cancelled });
        this.#endRun(run);
        return;
      }
      case 'failed': {
        const { code, message: text, retryable } = message;
        this.#endRun(run, new FastVideoError(code, text, { retryable }));
        return;
      }
    }
  }

  #endRun(run: ActiveRun, error?: FastVideoError): void {
    this.#active = undefined;
    if (error) run.failed(error);
    run.events.end(error && { error });
    run.ended();
  }

  #onExit(how: string): string {
    this.#exit ??= how;
    if (this.#active) this.#endRun(this.#active, this.#deathError(this.#exit));
    return this.#exit;
  }

  #deathError(how: string): FastVideoError {
    const { worker_id: workerId } = this.#options.start;
    return new FastVideoError('worker_failed', `Worker ${workerId} ${how}${this.#lastWords.quoted()}`);
  }
}

function infoOf(message: FromWorker): GeneratorInfo {
  if (message.type === 'start_failed') throw new FastVideoError('start_failed', message.message);
  if (message.type !== 'ready')
    throw new FastVideoError('start_failed', `The worker sent ${message.type} first.`);
  if (message.protocol !== workerProtocolVersion) {
    throw new FastVideoError(
      'start_failed',
      `The worker speaks protocol ${message.protocol}; this server speaks ${workerProtocolVersion}.`,
    );
  }
  const { audio } = message;
  return {
    modelId: message.model_id,
    stateKind: message.state_kind,
    streamsFrames: message.streams_frames,
    audio: audio && { sampleRate: audio.sample_rate, channels: audio.channels },
  };
}
