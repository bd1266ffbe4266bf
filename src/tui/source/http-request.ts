import { timeLimit } from '../../core/base/async/deadline.ts';
import { errorMessage, FastVideoError, systemErrorCode } from '../../core/base/errors.ts';

/** A status of 200 sessions is some 60 kB. */
const bodyLimitBytes = 8 * 2 ** 20;

interface RequestOptions {
  readonly method: 'GET' | 'POST';
  readonly token: string | undefined;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** One request with a time limit and a limit on the answer. Throws a retryable `FastVideoError` when none comes. */
export async function request(url: URL, options: RequestOptions): Promise<HttpAnswer> {
  using limit = timeLimit(options.timeoutMs, options.signal);
  try {
    options.signal.throwIfAborted();
    const response = await fetch(url, {
      method: options.method,
      headers: options.token === undefined ? {} : { authorization: `Bearer ${options.token}` },
      signal: limit.signal,
    });
    return { status: response.status, text: await readText(response) };
  } catch (error) {
    if (error instanceof FastVideoError) throw error;
    const reason = limit.signal.aborted ? `no answer within ${options.timeoutMs} ms` : whyNot(error);
    throw new FastVideoError('upstream_timeout', reason, { cause: error });
  }
}

async function readText(response: Response): Promise<string> {
  if (!response.body) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const part of response.body) {
    bytes += part.length;
    if (bytes > bodyLimitBytes) throw new FastVideoError('input_invalid', 'the answer is larger than 8 MB');
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to the host',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be resolved now',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection was closed',
};

/** `fetch` says only "fetch failed"; the reason is its cause. */
function whyNot(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = systemErrorCode(cause);
  return (code === undefined ? undefined : reasons[code]) ?? code ?? errorMessage(cause);
}
