import { within } from '../../base/async/deadline.ts';
import { deferred } from '../../base/async/deferred.ts';
import { Heartbeat, type HeartbeatOptions } from '../../base/async/heartbeat.ts';
import { Child, type ChildExit } from '../../base/child/child.ts';
import { errorMessage, FastVideoError, systemErrorCode } from '../../base/errors.ts';
import {
  type FromWorker,
  FromWorkerSchema,
  type ToWorker,
  workerProtocolVersion,
} from '../../protocol/worker/messages.ts';
import type { AdapterSelection } from '../adapters/selection.ts';
import type { GeneratorInfo } from '../generator.ts';
import { AdapterExchange, type RunAdapters, type WantedAdapters } from './adapter-exchange.ts';
import { MessageStream } from './message-stream.ts';
import { RunChannel, type RunPartWithPayload, type RunSignals } from './run-channel.ts';
import { packRun, type RunRequest } from './run-message.ts';

/** All but `type` and `protocol` of the message that starts a worker. */
export type StartSettings = Omit<Extract<ToWorker, { type: 'start' }>, 'type' | 'protocol'>;

export interface WorkerProcessOptions {
  /** How errors call it, e.g. `Worker worker-0`. */
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it heads a process group of its own, so that killing it ends its children too; default true. */
  readonly ownGroup?: boolean;
  readonly start: StartSettings;
  /** How long it may take until it is ready. */
  readonly startTimeoutMs: number;
  /** How long it may take to end a run that was cancelled or abandoned before it is killed. */
  readonly stopRunGraceMs: number;
  readonly heartbeat: HeartbeatOptions;
  /** A line that it wrote to stderr. */
  readonly onStderr: (line: string) => void;
  /** Takes what is private out of what it said last; default: nothing is. */
  readonly hide?: (text: string) => string;
  /** Something an operator should know, in words. */
  readonly onNotice: (notice: string) => void;
}

/** What a worker says of itself when it is ready. */
export interface WorkerHello {
  readonly info: GeneratorInfo;
  /** Whether it sends encoded media or raw frames. */
  readonly output: 'media' | 'frames';
  /** What encodes, in words. */
  readonly encoder?: string;
}

export interface WorkerRun {
  /** Steps that the run will report. */
  readonly totalSteps: number;
  /** Up to `done`. Taking them slowly slows the worker down; leaving early abandons the run. */
  readonly parts: AsyncIterable<RunPartWithPayload>;
}

/**
 * The request has done nothing to the process: that had ended before it was given the run, or somebody else killed it (what
 * fails by itself exits, or ends by another signal).
 */
export class UnrelatedDeathError extends FastVideoError {
  constructor(death: string) {
    super('worker_failed', death);
  }
}

const signalsOfOthers: ReadonlySet<NodeJS.Signals> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']);

const stopGraceMs = 3000;
/** What a process has left behind may hold its pipes open: they are not waited for longer. */
const pipeGraceMs = 1000;
/** A process that ends closes its stdin first: how it ended says more, and is waited for. */
const deafGraceMs = 1000;

/** A program that speaks the worker protocol: started, given runs, stopped or found dead. */
export class WorkerProcess {
  readonly pid: number;
  /** Resolves, once the process is gone, with what ended it in words. */
  readonly exited: Promise<string>;
  readonly #options: WorkerProcessOptions;
  readonly #child: Child;
  readonly #stream: MessageStream;
  readonly #adapters: AdapterExchange;
  #hello: WorkerHello | undefined;
  #exit: string | undefined;
  /** Why it was killed, where it was we who did it. */
  #killedFor: string | undefined;
  #heartbeat: Heartbeat | undefined;
  #nextPingId = 1;
  #nextRunId = 1;
  #active: RunChannel | undefined;
  #idle: Promise<void> = Promise.resolve();
  readonly #startMessage = deferred<FromWorker>();

  /** Starts the process. Throws `start_failed` when it says so, exits, or is not ready within the time-out. */
  static async start(options: WorkerProcessOptions, signal?: AbortSignal): Promise<WorkerProcess> {
    const worker = new WorkerProcess(options);
    try {
      await worker.#becomeReady(signal);
      return worker;
    } catch (error) {
      worker.kill();
      await worker.exited;
      throw error;
    }
  }

  private constructor(options: WorkerProcessOptions) {
    this.#options = options;
    const [program, ...args] = options.command;
    const { env, ownGroup, onStderr } = options;
    const child = new Child(program, args, {
      ...(env ? { env } : {}),
      ...(ownGroup === undefined ? {} : { ownGroup }),
      onStderr,
      pipeGraceMs,
    });
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.#stream = new MessageStream(child.stdout, child.stdin, {
      onMessage: ({ header, payload }) => this.#receive(messageOf(header), payload),
      onError: (error) => this.kill(`wrote something that is not a message (${errorMessage(error)})`),
      onDeaf: () => this.#onDeaf(),
    });
    const { startTimeoutMs } = options;
    this.#adapters = new AdapterExchange({
      send: (message) => this.#send(message),
      timeoutMs: startTimeoutMs,
      onStuck: () => this.kill(`did not apply its adapters within ${startTimeoutMs / 1000} s`),
    });
    this.exited = child.exited.then((exit) => this.#onExit(program, exit));
  }

  get hello(): WorkerHello {
    if (!this.#hello) throw new FastVideoError('internal_error', `${this.#options.name} is not ready.`);
    return this.#hello;
  }

  /** What ended it, with what it said last; `how` is what {@link exited} told. */
  describeDeath(how: string): string {
    const { hide = (text: string) => text } = this.#options;
    const why = this.#killedFor === undefined ? hide(this.#child.stderr.quoted()) : '.';
    return `${this.#options.name} ${how}${why}`;
  }

  get alive(): boolean {
    return this.#exit === undefined && this.#child.isRunning;
  }

  /** What it has applied. */
  get adapters(): AdapterSelection {
    return this.#adapters.applied;
  }

  /**
   * Begins a run once the one before has ended, with the adapters that are wanted then; unset: with those that it has.
   * Throws `worker_failed` when the process is gone or dies, as {@link UnrelatedDeathError} where the run is not the reason,
   * what the worker says when it fails, and the signal's reason when the run is abandoned.
   */
  async run(request: RunRequest, signals: RunSignals, adapters?: RunAdapters): Promise<WorkerRun> {
    const release = await this.#takeTurn();
    try {
      if (adapters) await this.#adapters.apply(adapters);
    } catch (error) {
      release();
      throw error;
    }
    const channel = new RunChannel({
      id: this.#nextRunId++,
      send: (message) => this.#send(message),
      signals,
      graceMs: this.#options.stopRunGraceMs,
      onStuck: (asked) => {
        const seconds = this.#options.stopRunGraceMs / 1000;
        const what = asked === 'cancel' ? 'a cancelled' : 'an abandoned';
        this.kill(`did not end ${what} segment within ${seconds} s`);
      },
    });
    void channel.ended.then(release);
    this.#active = channel;
    const { generation } = request;
    const told = adapters?.withTriggers(generation, this.#adapters.applied) ?? generation;
    const { message, payload } = packRun(channel.id, { ...request, generation: told });
    this.#send(message, payload);
    channel.sent();
    return { totalSteps: await channel.started, parts: channel.parts() };
  }

  /**
   * Applies the adapters that `wanted` names once the run before has ended. Throws `generator_failed` with what the worker
   * says when it cannot; it has none applied then. Throws `worker_failed` when the process is gone or dies.
   */
  async adapt(wanted: WantedAdapters): Promise<void> {
    const release = await this.#takeTurn();
    try {
      await this.#adapters.apply(wanted);
    } finally {
      release();
    }
  }

  /** Asks, waits, then kills. */
  async stop(): Promise<void> {
    this.#heartbeat?.stop();
    const ask = () => {
      this.#send({ type: 'shutdown' });
      this.#child.stdin.end();
    };
    await this.#child.stop(ask, stopGraceMs);
  }

  /** Ends it and all that it started. `why` goes into the error of the run that this breaks off. */
  kill(why?: string): void {
    if (why !== undefined && this.#exit === undefined && this.#killedFor === undefined) {
      this.#killedFor = why;
      this.#options.onNotice(`${this.#options.name} ${why} and is killed.`);
    }
    this.#child.kill();
  }

  async #becomeReady(signal: AbortSignal | undefined): Promise<void> {
    const { startTimeoutMs, name, start, heartbeat } = this.#options;
    const late = () =>
      new FastVideoError('start_failed', `${name} was not ready within ${startTimeoutMs / 1000} s.`);
    const said = await within(
      startTimeoutMs,
      () => {
        this.#send({ type: 'start', protocol: workerProtocolVersion, ...start });
        const died = this.exited.then((how) => {
          throw new FastVideoError('start_failed', `${name} ${how}${this.#child.stderr.quoted()}`);
        });
        return Promise.race([this.#startMessage.promise, died]);
      },
      { over: signal, late },
    );
    this.#hello = helloOf(said, name);
    this.#heartbeat = new Heartbeat(
      heartbeat,
      () => this.#send({ type: 'ping', id: this.#nextPingId++ }),
      (silentMs) => this.kill(`did not answer for ${silentMs / 1000} s`),
    );
  }

  /** Resolves when it is the caller's turn, with what ends the turn. Throws {@link UnrelatedDeathError}. */
  async #takeTurn(): Promise<() => void> {
    const before = this.#idle;
    const { promise, resolve: release } = deferred();
    this.#idle = promise;
    await before;
    if (this.#exit === undefined) return release;
    release();
    throw new UnrelatedDeathError(this.describeDeath(this.#exit));
  }

  #send(message: ToWorker, payload?: Uint8Array): void {
    this.#stream.send(message, payload);
  }

  #receive(message: FromWorker, payload: Uint8Array): void {
    if (message.type === 'ready' || message.type === 'start_failed') {
      this.#startMessage.resolve(message);
      return;
    }
    if (message.type === 'pong') {
      this.#heartbeat?.alive();
      return;
    }
    if (message.type === 'adapters_applied' || message.type === 'adapters_failed') {
      this.#adapters.receive(message);
      return;
    }
    const run = this.#active;
    if (run?.id !== message.run_id) return;
    if (message.type === 'started') run.begin(message.total_steps);
    else if (message.type === 'failed') {
      const { code, message: text, retryable } = message;
      this.#endRun(run, new FastVideoError(code, text, { retryable }));
    } else {
      run.take(message, payload);
      if (message.type === 'done') this.#endRun(run);
    }
  }

  #endRun(run: RunChannel, error?: FastVideoError): void {
    this.#active = undefined;
    run.end(error);
  }

  #onDeaf(): void {
    setTimeout(() => {
      if (this.alive) this.kill('stopped reading its stdin');
    }, deafGraceMs).unref();
  }

  #onExit(program: string, exit: ChildExit): string {
    const how = this.#killedFor ?? describeExit(program, exit);
    this.#exit = how;
    this.#heartbeat?.stop();
    const death = this.describeDeath(how);
    const byOthers = this.#killedFor === undefined && isByOthers(exit);
    const error = byOthers ? new UnrelatedDeathError(death) : new FastVideoError('worker_failed', death);
    if (this.#active) this.#endRun(this.#active, error);
    this.#adapters.end(error);
    return how;
  }
}

/** Throws an error of one line. */
function messageOf(header: unknown): FromWorker {
  const { success, data, error } = FromWorkerSchema.safeParse(header);
  if (success) return data;
  const type = typeof header === 'object' && header !== null && 'type' in header ? header.type : undefined;
  const [issue] = error.issues;
  const where = issue?.path.map(String).join('.');
  throw new Error(`${JSON.stringify(type) ?? 'a header without a type'}: ${where}: ${issue?.message}`);
}

function isByOthers(exit: ChildExit): boolean {
  return !exit.startError && exit.signal !== null && signalsOfOthers.has(exit.signal);
}

function describeExit(program: string, exit: ChildExit): string {
  if (exit.startError) return startFailure(program, exit.startError);
  return exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`;
}

/** What a shell would say. */
function startFailure(program: string, error: Error): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: `there is no program "${program}"`,
    EACCES: `"${program}" may not be run`,
  };
  return `could not be started: ${reasons[systemErrorCode(error) ?? ''] ?? error.message}`;
}

function helloOf(message: FromWorker, name: string): WorkerHello {
  if (message.type === 'start_failed') throw new FastVideoError('start_failed', message.message);
  if (message.type !== 'ready')
    throw new FastVideoError('start_failed', `${name} sent ${message.type} before it was ready.`);
  if (message.protocol !== workerProtocolVersion) {
    throw new FastVideoError(
      'start_failed',
      `${name} speaks worker protocol ${message.protocol}; this server speaks ${workerProtocolVersion}.`,
    );
  }
  const { audio, sound, output, encoder, limits, steering, continuation, needs_first_frame } = message;
  return {
    output,
    ...(encoder === undefined ? {} : { encoder }),
    info: {
      modelId: message.model_id,
      stateKind: message.state_kind,
      streamsFrames: message.streams_frames,
      pictures: message.pictures ?? ['first_frame'],
      ...(needs_first_frame === undefined ? {} : { needsFirstFrame: needs_first_frame }),
      ...(continuation === undefined ? {} : { continuation }),
      audio: audio && { sampleRate: audio.sample_rate, channels: audio.channels },
      ...(sound === undefined ? {} : { sound }),
      ...(limits === undefined ? {} : { limits }),
      ...(steering === undefined ? {} : { steering }),
      adapters: message.adapters ?? false,
    },
  };
}
