import { setTimeout as wait } from 'node:timers/promises';
import { isOver } from '../../jobs/job.ts';
import type { JobEntry } from '../../jobs/job-entry.ts';
import type { Video } from '../../protocol/http/videos.ts';

/** A line that says nothing: proxies and this server close a connection on which nothing comes. */
const quietMs = 15_000;

/**
 * The course of a job as server-sent events: `queued`, `step`, `progress` and, last, `done`; each holds the video as it is
 * then, `step` the step too.
 */
export async function* jobEvents(
  entry: JobEntry,
  view: () => Video,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  let lastStep = 0;
  const changes = entry.changes(signal);
  let next = changes.next();
  for (;;) {
    const quiet = new AbortController();
    const came = await Promise.race([next, wait(quietMs, 'quiet' as const, { signal: quiet.signal })]);
    if (came === 'quiet') {
      yield ': still there\n\n';
      continue;
    }
    quiet.abort();
    if (came.done) return;
    next = changes.next();
    const { job, progress } = entry;
    if (isOver(job)) {
      yield event('done', view());
      return;
    }
    if (progress.step !== lastStep && progress.step > 0) {
      lastStep = progress.step;
      yield event('step', { step: progress.step, total_steps: progress.totalSteps, video: view() });
    } else yield event(job.status === 'queued' ? 'queued' : 'progress', view());
  }
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
