import { pause } from '../base/async/aborted.ts';
import { DeadlineError, within } from '../base/async/deadline.ts';
import { errorMessage, FastVideoError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { Circuit, type Ticket } from './circuit.ts';
import { type ChatAnswer, type ChatRequest, type PromptProvider, ProviderFailure } from './provider.ts';
import { raced } from './provider-race.ts';

/** Between two tries, whatever a provider says. */
const shortestWaitMs = 500;

/** One call to one provider has ended. */
export interface ProviderCall {
  readonly provider: string;
  readonly model: string;
  readonly operation: ChatRequest['task']['operation'];
  readonly outcome: 'answered' | 'failed' | 'cancelled';
  readonly latencyMs: number;
  readonly error?: FastVideoError;
}

export interface ProviderStats {
  readonly provider: string;
  readonly model: string;
  /** Those that were cancelled are neither successes nor failures. */
  readonly calls: number;
  readonly successes: number;
  readonly failures: number;
  /** Left out unless it is skipped just now. */
  readonly skippedUntil?: Date;
}

export interface ProviderChainOptions {
  /** Time limit of one call to one provider, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Providers are raced: each is asked when the one before it could not answer, or has not answered for so many
   * milliseconds; the first answer counts and cancels the other calls. Unset: each waits until the one before it failed.
   */
  readonly raceDelayMs?: number | undefined;
  /**
   * Whether a call that nobody answers waits for a provider that says `Retry-After`, and asks again: `timeoutMs` at most
   * from its begin. Default false.
   */
  readonly waitsForRetryAfter?: boolean | undefined;
  readonly logger?: Logger | undefined;
  readonly onCall?: ((call: ProviderCall) => void) | undefined;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

interface Link {
  readonly provider: PromptProvider;
  readonly circuit: Circuit;
  calls: number;
  successes: number;
  failures: number;
}

export interface ChainAnswer extends ChatAnswer {
  readonly provider: string;
  readonly fallbackUsed: boolean;
}

interface Read<Result> {
  readonly answer: ChainAnswer;
  readonly result: Result;
}

/** Providers in order: whom to ask, and whom next when that one cannot answer. */
export class ProviderChain {
  readonly #options: ProviderChainOptions;
  readonly #links: Link[] = [];

  constructor(providers: readonly PromptProvider[], options: ProviderChainOptions) {
    this.#options = options;
    for (const provider of providers) this.register(provider, 'last');
  }

  register(provider: PromptProvider, place: 'first' | 'last'): void {
    const circuit = new Circuit(this.#options.now ?? Date.now);
    const link: Link = { provider, circuit, calls: 0, successes: 0, failures: 0 };
    if (place === 'first') this.#links.unshift(link);
    else this.#links.push(link);
  }

  /** The first provider's. */
  get model(): string {
    return this.#links[0]?.provider.model ?? '';
  }

  stats(): ProviderStats[] {
    return this.#links.map(({ provider, circuit, calls, successes, failures }) => ({
      provider: provider.name,
      model: provider.model,
      calls,
      successes,
      failures,
      ...(circuit.isSkipped ? { skippedUntil: new Date(circuit.dueAt) } : {}),
    }));
  }

  /**
   * The first answer. Providers that are being skipped are passed over, unless all are: then the one that is due first is
   * asked. Throws `prompt_failed`: at once, not retryable, for a failure that another try would not mend; retryable when
   * nobody could answer, at once or, with `waitsForRetryAfter`, when the time is over. Throws the signal's reason.
   *
   * @param read - takes what is needed from the answer; a `ProviderFailure` that it throws is the provider's
   */
  async ask<Result>(
    request: ChatRequest,
    signal: AbortSignal,
    read: (answer: ChainAnswer) => Result,
  ): Promise<Read<Result>> {
    const giveUpAt = performance.now() + this.#options.timeoutMs;
    const patient = this.#options.waitsForRetryAfter === true;
    for (;;) {
      // Those that begin while all ask to be left alone need no refusal of their own.
      const allAskUntil = Math.min(...this.#askedUntil());
      if (patient && allAskUntil >= this.#now()) await this.#wait(allAskUntil, giveUpAt, signal);
      const askedAt = this.#now();
      const answer = await this.#askOnce(request, signal, read);
      if (!Array.isArray(answer)) return answer;
      // Also of one whose wait was over before the others had answered.
      const dueAt = Math.min(...this.#askedUntil().filter((time) => time >= askedAt));
      if (patient && (await this.#wait(dueAt, giveUpAt, signal))) continue;
      throw new FastVideoError(
        'prompt_failed',
        `No provider could answer: ${answer.map(({ message }) => message).join('; ')}.`,
        { cause: answer[0], retryable: true },
      );
    }
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #askedUntil(): number[] {
    return this.#links.map(({ circuit }) => circuit.askedUntil);
  }

  /** Waits for that time, unless it is later than what time is left allows: false then. */
  async #wait(dueAt: number, giveUpAt: number, signal: AbortSignal): Promise<boolean> {
    const waitMs = Math.max(shortestWaitMs, dueAt - this.#now());
    if (performance.now() + waitMs > giveUpAt) return false;
    await pause(waitMs, signal);
    signal.throwIfAborted();
    return true;
  }

  /** The first answer, or why there is none. */
  async #askOnce<Result>(
    request: ChatRequest,
    signal: AbortSignal,
    read: (answer: ChainAnswer) => Result,
  ): Promise<Read<Result> | ProviderFailure[]> {
    const links = [...this.#links];
    const outcome = await this.#askThrough(links, request, signal, read);
    if (!Array.isArray(outcome) || outcome.length > 0) return outcome;
    const [due] = links.toSorted((one, other) => one.circuit.dueAt - other.circuit.dueAt);
    if (due === undefined) throw new FastVideoError('prompt_failed', 'There is no prompt provider.');
    const answer = await this.#try(due, due.circuit.force(), request, signal, read);
    return answer instanceof ProviderFailure ? [answer] : answer;
  }

  /** Of those that are not being skipped; no failure when all are. */
  async #askThrough<Result>(
    links: readonly Link[],
    request: ChatRequest,
    signal: AbortSignal,
    read: (answer: ChainAnswer) => Result,
  ): Promise<Read<Result> | ProviderFailure[]> {
    const { raceDelayMs } = this.#options;
    const calls = function* (this: ProviderChain, over: AbortSignal) {
      for (const link of links) {
        const ticket = link.circuit.enter();
        if (ticket) yield this.#try(link, ticket, request, over, read);
      }
    }.bind(this);
    if (raceDelayMs !== undefined) return await raced(calls, raceDelayMs, signal);
    const failures: ProviderFailure[] = [];
    for (const call of calls(signal)) {
      const answer = await call;
      if (!(answer instanceof ProviderFailure)) return answer;
      failures.push(answer);
    }
    return failures;
  }

  /** The answer, or why the next provider is to be asked. */
  async #try<Result>(
    link: Link,
    ticket: Ticket,
    request: ChatRequest,
    signal: AbortSignal,
    read: (answer: ChainAnswer) => Result,
  ): Promise<Read<Result> | ProviderFailure> {
    const { provider, circuit } = link;
    const isFirst = link === this.#links[0];
    // A model that was asked for is the first provider's; the others have names of their own.
    const { model: wanted, ...rest } = request;
    const asked: ChatRequest = isFirst && wanted !== undefined ? { ...rest, model: wanted } : rest;
    const startedAt = performance.now();
    const tell = (outcome: ProviderCall['outcome'], model: string, error?: FastVideoError) =>
      this.#options.onCall?.({
        provider: provider.name,
        model,
        operation: request.task.operation,
        outcome,
        latencyMs: Math.round(performance.now() - startedAt),
        ...(error ? { error } : {}),
      });
    link.calls += 1;
    try {
      const { timeoutMs } = this.#options;
      const chat = await within(timeoutMs, (limited) => provider.complete(asked, limited), { over: signal });
      const answer: ChainAnswer = { ...chat, provider: provider.name, fallbackUsed: !isFirst };
      const result = read(answer);
      link.successes += 1;
      circuit.answered(ticket);
      tell('answered', answer.model);
      return { answer, result };
    } catch (error) {
      const model = asked.model ?? provider.model;
      if (signal.aborted) {
        circuit.cancelled(ticket);
        tell('cancelled', model);
        throw signal.reason;
      }
      const failure = failureOf(error, provider.name);
      link.failures += 1;
      tell('failed', model, failure);
      const fields = { provider: provider.name, retryable: failure.retryable, error: failure.message };
      this.#options.logger?.warn(fields, 'prompt provider failed');
      if (failure.retryable) circuit.failed(ticket, failure.retryAfterMs);
      else circuit.answered(ticket);
      if (!failure.retryable) throw failure;
      return failure;
    }
  }
}

function failureOf(error: unknown, name: string): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  if (error instanceof DeadlineError) {
    return new ProviderFailure(`${name} gave ${error.message}`, { retryable: true, cause: error });
  }
  return new ProviderFailure(`${name} failed: ${errorMessage(error)}`, { retryable: true, cause: error });
}
