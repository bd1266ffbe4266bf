class LateError extends Error {
  override readonly name = 'LateError';
}

/** Gives up waiting after a time, and aborts the signal then. */
export async function within<Result>(
  limitMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const giveUp = () => {
      reject(new LateError(`no answer within ${limitMs} ms`));
      controller.abort();
    };
    // Where this process itself stood still, the answer lies there and is read before.
    timer = setTimeout(() => setImmediate(giveUp), limitMs);
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether `within` gave up. */
export function isLate(error: unknown): boolean {
  return error instanceof LateError;
}
