import { orAborted } from './aborted.ts';

/** A time is over. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/**
 * Calls `act` after `ms` milliseconds (never after infinitely many) unless it is disposed of before. Where this process itself stood still, what came
 * in meanwhile is dealt with first.
 */
export function alarm(ms: number, act: () => void): Disposable {
  if (ms === Number.POSITIVE_INFINITY) return { [Symbol.dispose]() {} };
  let over = false;
  const ring = () => {
    if (!over) act();
  };
  const timer = setTimeout(() => setImmediate(ring), Math.round(ms));
  return {
    [Symbol.dispose]() {
      over = true;
      clearTimeout(timer);
    },
  };
}

/** The end of a wait, by time or because what it is for is over. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * A signal that aborts with `late()` after `ms`, or with the reason of `over`, until it is disposed of. `AbortSignal.any`
 * over an `AbortSignal.timeout` would do the same, but Node 20 may collect that timer as garbage, and it never fires.
 *
 * @param late - the reason when the time is over; a {@link DeadlineError} by default
 */
export function timeLimit(ms: number, over?: AbortSignal, late = () => tooLate(ms)): TimeLimit {
  const controller = new AbortController();
  const end = () => controller.abort(over?.reason);
  const timer = alarm(ms, () => controller.abort(late()));
  if (over?.aborted) end();
  else over?.addEventListener('abort', end, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
      over?.removeEventListener('abort', end);
    },
  };
}

/**
 * Runs the work with such a signal, and throws the signal's reason when it aborts, also for work that does not listen.
 * Leaves nothing behind on the outer signal.
 */
export async function within<Result>(
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
  { over, late }: { readonly over?: AbortSignal | undefined; readonly late?: () => Error } = {},
): Promise<Result> {
  over?.throwIfAborted();
  using limit = timeLimit(ms, over, late);
  return await orAborted(work(limit.signal), limit.signal);
}

function tooLate(ms: number): Error {
  return new DeadlineError(`no answer within ${ms} ms`);
}
