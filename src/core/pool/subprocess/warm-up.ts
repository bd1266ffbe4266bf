import type { GenerationRequest } from '../../generators/generator.ts';
import { timelineStart } from '../../media/timeline.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import type { RunSignals, SegmentRequest, SegmentRun } from '../pool.ts';

type Runner = (request: SegmentRequest, signals: RunSignals) => Promise<SegmentRun>;

/**
 * Makes two segments, the second going on from the first, and throws them away: a model that compiles or allocates on
 * first use does it before a client waits. Gives milliseconds by name. Throws what the worker threw.
 */
export async function warmUp(
  runSegment: Runner,
  request: GenerationRequest,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const timings: Record<string, number> = {};
  let timeline = timelineStart;
  let state: ContinuationState | undefined;
  for (const segment of [0, 1]) {
    const startedAt = performance.now();
    const generation = state === undefined ? request : { ...request, continuationState: state };
    const run = await runSegment({ generation, timeline }, { cancel: signal, abandon: signal });
    for await (const event of run.events) {
      if (event.type === 'state') state = event.state;
      if (event.type === 'done') timeline = event.timeline;
    }
    signal.throwIfAborted();
    timings[`segment_${segment}_ms`] = Math.round(performance.now() - startedAt);
  }
  return timings;
}
