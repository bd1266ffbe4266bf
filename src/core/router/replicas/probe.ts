import { errorMessage } from '../../base/errors.ts';
import { type LoadReading, readLoad } from './load-reading.ts';

export interface ProbeTarget {
  /** Scheme, host and port. */
  readonly url: string;
  readonly path: string;
  readonly timeoutMs: number;
  readonly apiKey: string | undefined;
}

export type ProbeResult =
  | { readonly ok: true; readonly latencyMs: number; readonly load: LoadReading | undefined }
  | { readonly ok: false; readonly reason: string };

/** Asks a replica once. Never rejects; what has not come at the time-out, or when the signal aborts, is a failure. */
export type Probe = (target: ProbeTarget, signal: AbortSignal) => Promise<ProbeResult>;

/** Nothing that a probe has use for is larger; more is not read. */
const maxBodyBytes = 2 ** 20;

/** Health and load are asked at once, over the connections that `fetch` keeps open for all replicas. */
export const probeOverHttp: Probe = async ({ url, path, timeoutMs, apiKey }, signal) => {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const headers: Record<string, string> = apiKey === undefined ? {} : { 'x-api-key': apiKey };
  const get = async (route: string) => {
    const response = await fetch(new URL(route, url), { headers, signal: limit, redirect: 'manual' });
    return { response, text: await boundedText(response) };
  };
  // A replica that does not tell its load is as healthy as one that does.
  const load = get('/status').then(
    ({ response, text }) => (response.ok ? readLoad(parseJson(text)) : undefined),
    () => undefined,
  );
  const start = performance.now();
  try {
    const { response } = await get(path);
    const latencyMs = performance.now() - start;
    if (!response.ok) return { ok: false, reason: `${path} answered HTTP ${response.status}` };
    return { ok: true, latencyMs, load: await load };
  } catch (error) {
    return { ok: false, reason: failureText(error, timeoutMs) };
  }
};

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) break;
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failureText(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  // fetch says "fetch failed" and keeps the reason as the cause.
  return errorMessage(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
