import { pause } from '../base/async/aborted.ts';
import { ProviderFailure } from './provider.ts';

type Call<Answer> = Promise<Answer | ProviderFailure>;

/** How a call ended; null: it was cancelled, because another one was answered or nobody waits any more. */
type Ended<Answer> = { readonly call: unknown; readonly outcome: Answer | ProviderFailure | null };

/**
 * Begins the first of the calls, and the next one whenever one has failed or the last one has run for `delayMs`; the first
 * answer cancels the others. Without an answer it gives the failures, or throws the one that is not retryable. Throws the
 * signal's reason.
 *
 * @param calls - begins each call when it is asked for the next one; `over` cancels them all
 */
export async function raced<Answer>(
  calls: (over: AbortSignal) => Iterator<Call<Answer>, unknown>,
  delayMs: number,
  signal: AbortSignal,
): Promise<Answer | ProviderFailure[]> {
  const decided = new AbortController();
  const over = AbortSignal.any([signal, decided.signal]);
  const next = calls(over);
  const running = new Map<unknown, Promise<Ended<Answer>>>();
  const failures: ProviderFailure[] = [];
  let isMore = true;
  const begin = () => {
    const { done, value: call } = next.next();
    isMore = done !== true;
    if (isMore) running.set(call, ended(call as Call<Answer>, over));
  };
  try {
    begin();
    while (running.size > 0) {
      const waits: Promise<Ended<Answer> | undefined>[] = [...running.values()];
      if (isMore) waits.push(pause(delayMs, over).then(() => undefined));
      const first = await Promise.race(waits);
      signal.throwIfAborted();
      if (first) {
        running.delete(first.call);
        if (first.outcome instanceof ProviderFailure) failures.push(first.outcome);
        else if (first.outcome !== null) return first.outcome;
      }
      if (isMore) begin();
    }
  } finally {
    decided.abort();
  }
  const final = failures.find(({ retryable }) => !retryable);
  if (final) throw final;
  return failures;
}

/** Never rejects but for a bug. */
async function ended<Answer>(call: Call<Answer>, over: AbortSignal): Promise<Ended<Answer>> {
  try {
    return { call, outcome: await call };
  } catch (error) {
    if (over.aborted) return { call, outcome: null };
    if (error instanceof ProviderFailure) return { call, outcome: error };
    throw error;
  }
}
