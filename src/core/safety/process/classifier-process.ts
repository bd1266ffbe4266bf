import { type ChildProcess, fork } from 'node:child_process';
import { errorMessage, FastVideoError } from '../../base/errors.ts';
import { packagePath } from '../../base/package-path.ts';
import { StderrTail } from '../../generators/program/stderr-tail.ts';
import {
  type ClassifierSettings,
  type FromClassifiers,
  FromClassifiersSchema,
  type ToClassifiers,
  type Verdict,
} from './messages.ts';

const stopGraceMs = 1000;

/** The file of the classifiers' process, built. */
export const safetyProgram = packagePath('dist/safety-main.js');

interface StartOptions {
  readonly program: string;
  readonly classifiers: readonly ClassifierSettings[];
  readonly startTimeoutMs: number;
  /** How long it may be silent while it has something to do, before it is killed. */
  readonly timeoutMs: number;
  /** Gives loading up. */
  readonly signal: AbortSignal;
}

interface Waiting {
  resolve(verdicts: readonly Verdict[]): void;
  reject(error: Error): void;
}

/** A process with its classifiers loaded. */
export class ClassifierProcess {
  /** Resolves with how it ended, in words. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #silence: NodeJS.Timeout | undefined;
  #killedFor: string | undefined;
  #onStart: ((message: FromClassifiers) => void) | undefined;

  private constructor({ program, timeoutMs }: StartOptions) {
    this.#timeoutMs = timeoutMs;
    this.#child = fork(program, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    const child = this.#child;
    const stderrTail = child.stderr ? new StderrTail(child.stderr, () => undefined) : undefined;
    this.exited = new Promise((resolve) => {
      const end = (how: string) => resolve(this.#killedFor ?? `${how}${stderrTail?.quoted() ?? '.'}`);
      child.once('error', (error) => end(`could not be started: ${errorMessage(error)}`));
      child.once('exit', (code, signal) => {
        const how = `ended with ${signal ?? `code ${code}`}`;
        // What it wrote last is to be read first. The child's own `close` does not come once we have disconnected.
        if (!child.stderr || child.stderr.closed) end(how);
        else child.stderr.once('close', () => end(how));
      });
    });
    child.on('message', (value) => this.#receive(value));
    void this.exited.then((how) => this.#fail(`The classifiers' process ${how}`));
  }

  /** Starts it and loads the models. Throws `config_invalid` for a model that cannot be used, else `start_failed`. */
  static async start(options: StartOptions): Promise<ClassifierProcess> {
    const process = new ClassifierProcess(options);
    try {
      await process.#load(options);
      return process;
    } catch (error) {
      await process.stop();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** One verdict for each prompt. Throws when the model fails, or the process dies or stays silent. */
  check(prompts: readonly string[]): Promise<readonly Verdict[]> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      if (this.#waiting.size === 1) this.#watch();
      this.#send({ type: 'check', id, prompts: [...prompts] });
    });
  }

  /** Ends it: what it works on is given up. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), stopGraceMs);
    await this.exited;
    clearTimeout(killer);
  }

  async #load({ classifiers, startTimeoutMs, signal }: StartOptions): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    let onAbort = () => {};
    const answer = new Promise<FromClassifiers>((resolve, reject) => {
      this.#onStart = resolve;
      const message = `Loading the safety classifiers took longer than ${startTimeoutMs / 1000} s.`;
      late = setTimeout(() => reject(startFailed(message)), startTimeoutMs);
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      signal.throwIfAborted();
      this.#send({ type: 'start', classifiers: [...classifiers] });
      const first = await Promise.race([answer, this.exited]);
      if (typeof first === 'string') throw startFailed(`The process of the safety classifiers ${first}`);
      if (first.type === 'start_failed') throw new FastVideoError(first.code, first.message);
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', onAbort);
    }
  }

  #receive(value: unknown): void {
    const parsed = FromClassifiersSchema.safeParse(value);
    if (!parsed.success) {
      this.#kill('sent what is not a message.');
      return;
    }
    const message = parsed.data;
    switch (message.type) {
      case 'ready':
      case 'start_failed':
        this.#onStart?.(message);
        return;
      case 'checked':
        this.#answered(message.id)?.resolve(message.verdicts);
        return;
      case 'check_failed':
        this.#answered(message.id)?.reject(new Error(message.message));
        return;
    }
  }

  #answered(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#watch();
    return waiting;
  }

  /** Sets the time limit anew: the process has just answered, or has been given its first batch. */
  #watch(): void {
    clearTimeout(this.#silence);
    if (this.#waiting.size === 0) return;
    const limit = this.#timeoutMs;
    this.#silence = setTimeout(() => this.#kill(`took longer than ${limit} ms for one batch.`), limit);
  }

  #kill(why: string): void {
    this.#killedFor ??= why;
    this.#child.kill('SIGKILL');
  }

  #fail(message: string): void {
    clearTimeout(this.#silence);
    for (const { reject } of this.#waiting.values()) reject(new Error(message));
    this.#waiting.clear();
  }

  #send(message: ToClassifiers): void {
    // A channel that has closed shows as the end of the process.
    this.#child.send(message, () => undefined);
  }
}

function startFailed(message: string): FastVideoError {
  return new FastVideoError('start_failed', message);
}
