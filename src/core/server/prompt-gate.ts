import { FastVideoError } from '../base/errors.ts';
import type { SafetyDecision, SafetyFilter } from '../safety/safety-filter.ts';
import type { ServerMetrics } from './metrics.ts';

/** Prompts of one call that are at the filter at once, at most. */
const portion = 32;

/** Lets prompts through to a generator, or says why not. Without a filter it lets all through. */
export class PromptGate {
  readonly #filter: SafetyFilter | undefined;
  readonly #onUnavailable: 'allow' | 'block';
  readonly #metrics: ServerMetrics;

  constructor(filter: SafetyFilter | undefined, onUnavailable: 'allow' | 'block', metrics: ServerMetrics) {
    this.#filter = filter;
    this.#onUnavailable = onUnavailable;
    this.#metrics = metrics;
  }

  /** Without a filter nothing has to be waited for. */
  get open(): boolean {
    return this.#filter === undefined;
  }

  /** The first reason not to use one of these prompts; undefined when all may be used. */
  async objection(prompts: readonly string[], signal: AbortSignal): Promise<FastVideoError | undefined> {
    const objections = await this.objections(prompts, signal);
    return objections.find((objection) => objection !== undefined);
  }

  /**
   * For each prompt the reason not to use it; undefined for one that may be used. A long list goes to the filter in
   * portions, or one client's would be in front of everybody else's prompts.
   */
  async objections(
    prompts: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly (FastVideoError | undefined)[]> {
    if (!this.#filter) return prompts.map(() => undefined);
    const decisions: SafetyDecision[] = [];
    for (let next = 0; next < prompts.length; next += portion) {
      decisions.push(...(await this.#filter.check(prompts.slice(next, next + portion), signal)));
    }
    for (const { decision } of decisions) this.#metrics.promptChecked(decision);
    return decisions.map((decision) => this.#objectionTo(decision));
  }

  async close(): Promise<void> {
    await this.#filter?.close();
  }

  #objectionTo({ decision, label, reason }: SafetyDecision): FastVideoError | undefined {
    if (decision === 'allow') return undefined;
    if (decision === 'block') {
      const what = label === null ? '' : ` as "${label}"`;
      return new FastVideoError('prompt_blocked', `The safety filter blocked the prompt${what}.`);
    }
    if (this.#onUnavailable === 'allow') return undefined;
    const message = `The prompt could not be checked and is not used: ${reason}`;
    return new FastVideoError('internal_error', message, { retryable: true });
  }
}
