import { alarm, within } from '../../base/async/deadline.ts';
import { deferred } from '../../base/async/deferred.ts';
import { Child, type ChildExit } from '../../base/child/child.ts';
import { errorMessage, FastVideoError } from '../../base/errors.ts';
import { packagePath } from '../../base/package-path.ts';
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
  readonly #child: Child;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #silence: Disposable | undefined;
  #killedFor: string | undefined;
  readonly #started = deferred<FromClassifiers>();

  private constructor({ program, timeoutMs }: StartOptions) {
    this.#timeoutMs = timeoutMs;
    // Not in a group of its own: it ends with the channel, whatever ends us.
    const child = new Child(process.execPath, [program], {
      ownGroup: false,
      onMessage: (value) => this.#receive(value),
    });
    this.#child = child;
    this.exited = child.exited.then(
      (exit) => this.#killedFor ?? `${describeExit(exit)}${child.stderr.quoted()}`,
    );
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
    await this.#child.stop(() => this.#child.disconnect(), stopGraceMs);
  }

  async #load({ classifiers, startTimeoutMs, signal }: StartOptions): Promise<void> {
    const late = () =>
      startFailed(`Loading the safety classifiers took longer than ${startTimeoutMs / 1000} s.`);
    const first = await within(
      startTimeoutMs,
      () => {
        this.#send({ type: 'start', classifiers: [...classifiers] });
        return Promise.race([this.#started.promise, this.exited]);
      },
      { over: signal, late },
    );
    if (typeof first === 'string') throw startFailed(`The process of the safety classifiers ${first}`);
    if (first.type === 'start_failed') throw new FastVideoError(first.code, first.message);
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
        this.#started.resolve(message);
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
    this.#silence?.[Symbol.dispose]();
    if (this.#waiting.size === 0) return;
    const limit = this.#timeoutMs;
    this.#silence = alarm(limit, () => this.#kill(`took longer than ${limit} ms for one batch.`));
  }

  #kill(why: string): void {
    this.#killedFor ??= why;
    this.#child.kill();
  }

  #fail(message: string): void {
    this.#silence?.[Symbol.dispose]();
    for (const { reject } of this.#waiting.values()) reject(new Error(message));
    this.#waiting.clear();
  }

  #send(message: ToClassifiers): void {
    this.#child.send(message);
  }
}

function describeExit(exit: ChildExit): string {
  if (exit.startError) return `could not be started: ${errorMessage(exit.startError)}`;
  return `ended with ${exit.signal ?? `code ${exit.code}`}`;
}

function startFailed(message: string): FastVideoError {
  return new FastVideoError('start_failed', message);
}
