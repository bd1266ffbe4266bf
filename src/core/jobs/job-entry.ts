import { Wakeup } from '../base/async/wakeup.ts';
import type { GrowingFile } from './growing-file.ts';
import { isOver, type Job } from './job.ts';
import type { JobProgress } from './job-run.ts';

const unbegun: JobProgress = { percent: 0, step: 0, totalSteps: 0 };

/** A job in the memory of its server. */
export class JobEntry {
  #job: Job;
  #progress: JobProgress = unbegun;
  #removed = false;
  #version = 0;
  readonly #news = new Wakeup();
  /** While it is made. */
  run:
    | { readonly media: GrowingFile; readonly abort: AbortController; readonly ended: Promise<void> }
    | undefined;

  constructor(job: Job) {
    this.#job = job;
  }

  get job(): Job {
    return this.#job;
  }

  /** In percent; 100 for a job that is completed. */
  get percent(): number {
    return this.#job.status === 'completed' ? 100 : this.#progress.percent;
  }

  get progress(): JobProgress {
    return this.#progress;
  }

  set progress(now: JobProgress) {
    const { percent, step } = this.#progress;
    this.#progress = now;
    if (percent !== now.percent || step !== now.step) this.#changed();
  }

  /** Nobody finds it any more; one that had not ended is cancelled. */
  get removed(): boolean {
    return this.#removed;
  }

  remove(): void {
    this.#removed = true;
    this.update(isOver(this.#job) ? {} : { status: 'cancelled' });
  }

  /** It begins anew. */
  resetProgress(): void {
    this.progress = unbegun;
  }

  update(change: Partial<Job>): Job {
    this.#job = { ...this.#job, ...change };
    this.#changed();
    return this.#job;
  }

  /** How it is now and after each change, however many a slow reader misses, up to its end. Ends early when the signal aborts. */
  async *changes(signal: AbortSignal): AsyncGenerator<JobEntry, void, undefined> {
    for (;;) {
      const version = this.#version;
      yield this;
      if (signal.aborted || isOver(this.#job)) return;
      if (version === this.#version) await this.#news.wait(signal);
      if (signal.aborted) return;
    }
  }

  #changed(): void {
    this.#version += 1;
    this.#news.wake();
  }
}
