import { orAborted } from '../base/async/aborted.ts';
import { FastVideoError } from '../base/errors.ts';
import { Film } from './film/film.ts';
import { PromptReader } from './prompt-reader.ts';
import { SegmentPlan } from './segment-plan.ts';
import { goesOnByItself, type StreamFilmParts, type StreamRequest } from './stream-request.ts';
import { StreamRun } from './stream-run.ts';

/**
 * Makes one film out of the prompts: over lost connections, drained servers and sessions that end at the server's cap.
 * Throws a `FastVideoError` for what cannot be mended, the error of `write`, or the signal's reason; the session is left
 * in each case.
 */
export async function streamFilm(request: StreamRequest, parts: StreamFilmParts): Promise<void> {
  const { signal, observer } = parts;
  const auto = goesOnByItself(request);
  const plan = new SegmentPlan({
    state: request.state,
    limit: request.segments,
    stateless: request.singleClip,
    auto,
  });
  const film = new Film((bytes) => orAborted(parts.write(bytes), signal));
  const prompts = new PromptReader(parts.prompts);
  try {
    const curated = auto ? await orAborted(prompts.rest(), signal) : [];
    if (auto ? curated.length === 0 : !(await orAborted(prompts.more(), signal))) {
      throw new FastVideoError('usage', 'There is no prompt; give one as an argument or as a line on stdin.');
    }
    await new StreamRun(request, { ...parts, plan, film, prompts, curated }).run();
    const { seconds, bytes } = film;
    observer.event({ event: 'film', segments: plan.made, skipped: plan.skipped, seconds, bytes });
  } finally {
    prompts.leave();
  }
}
