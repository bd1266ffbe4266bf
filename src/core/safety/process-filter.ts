import { basename } from 'node:path';
import { within } from '../base/async/deadline.ts';
import { errorMessage } from '../base/errors.ts';
import { BatchQueue, PromptJob } from './batch-queue.ts';
import { allowed, blankAllowed, blocked, unavailable } from './decisions.ts';
import type { ClassifierProcess } from './process/classifier-process.ts';
import type { ClassifierSettings, Verdict } from './process/messages.ts';
import type { Supervisor } from './process/supervisor.ts';
import type { SafetyDecision, SafetyFilter } from './safety-filter.ts';
import { maxPromptLength, maxWaiting } from './safety-options.ts';

/** Batches that the process is given at once: it need not wait for us between two. */
const batchesAtOnce = 2;

interface ProcessFilterOptions {
  readonly classifiers: readonly ClassifierSettings[];
  readonly supervisor: Supervisor;
  readonly batchSize: number;
  /** How long a batch waits for a process that is being started. */
  readonly timeoutMs: number;
}

/** Puts the prompts of all callers together into batches for the process. */
export class ProcessFilter implements SafetyFilter {
  readonly #options: ProcessFilterOptions;
  readonly #queue = new BatchQueue();
  #running = 0;
  #scheduled = false;

  constructor(options: ProcessFilterOptions) {
    this.#options = options;
  }

  async check(prompts: readonly string[], signal?: AbortSignal): Promise<readonly SafetyDecision[]> {
    signal?.throwIfAborted();
    const job = new PromptJob(prompts.length);
    for (const [index, prompt] of prompts.entries()) {
      const answer = this.#withoutAsking(prompt);
      if (answer) job.decide(index, answer);
      else this.#queue.add({ job, index, prompt });
    }
    this.#schedule();
    return job.finished(signal);
  }

  async close(): Promise<void> {
    const closed = unavailable('The safety filter is closed.');
    for (const entry of this.#queue.take(Number.POSITIVE_INFINITY)) entry.job.decide(entry.index, closed);
    await this.#options.supervisor.close();
  }

  #withoutAsking(prompt: string): SafetyDecision | undefined {
    // A model asked about nothing answers anything.
    if (prompt.trim() === '') return blankAllowed;
    if (prompt.length > maxPromptLength) {
      return unavailable(`The prompt has ${prompt.length} characters; the limit is ${maxPromptLength}.`);
    }
    return this.#queue.length < maxWaiting
      ? undefined
      : unavailable(`${maxWaiting} prompts are waiting already.`);
  }

  /** Once the callers of this moment have had their say, so that their prompts share a batch. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      while (this.#running < batchesAtOnce && this.#queue.length > 0) void this.#runBatch();
    });
  }

  async #runBatch(): Promise<void> {
    const batch = this.#queue.take(this.#options.batchSize);
    if (batch.length === 0) return;
    this.#running += 1;
    try {
      const process = await this.#ready();
      const verdicts = await process.check(batch.map(({ prompt }) => prompt));
      this.#options.supervisor.worked();
      for (const [at, { job, index }] of batch.entries()) {
        job.decide(index, this.#decision(verdicts[at]));
      }
    } catch (error) {
      const decision = unavailable(errorMessage(error));
      for (const { job, index } of batch) job.decide(index, decision);
    } finally {
      this.#running -= 1;
      if (this.#queue.length > 0) this.#schedule();
    }
  }

  #decision(verdict: Verdict | undefined): SafetyDecision {
    if (!verdict) return unavailable('The classifiers gave no score for this prompt.');
    if ('unknown' in verdict) return unavailable(verdict.unknown);
    const classifier = this.#options.classifiers[verdict.classifier];
    if (!classifier) return unavailable(`There is no classifier ${verdict.classifier}.`);
    const { threshold, path } = classifier;
    return verdict.blocked ? blocked(verdict, threshold, basename(path)) : allowed(verdict, threshold);
  }

  async #ready(): Promise<ClassifierProcess> {
    const { timeoutMs, supervisor } = this.#options;
    const late = () =>
      new Error(`The classifiers are being loaded; they were not ready within ${timeoutMs} ms.`);
    return await within(timeoutMs, () => supervisor.acquire(), { late });
  }
}
