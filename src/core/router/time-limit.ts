/** The end of a wait, by time or because what it is for is over. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * A signal that aborts after `ms`, or with `over`, until it is disposed of. `AbortSignal.any` over an
 * `AbortSignal.timeout` would say the same, but Node 20 may collect that timer as garbage, and it never fires.
 */
export function timeLimit(ms: number, over: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const end = () => controller.abort(over.reason);
  const timer = setTimeout(
    () => controller.abort(new DOMException('The time limit was reached.', 'TimeoutError')),
    Math.round(ms),
  );
  if (over.aborted) end();
  else over.addEventListener('abort', end, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      over.removeEventListener('abort', end);
    },
  };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
