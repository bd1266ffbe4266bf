import { errorMessage } from '../../base/errors.ts';
import { parseJson } from '../../base/json.ts';
import { timeLimit } from '../time-limit.ts';
import { httpGet } from './http-get.ts';
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

/** Health and load are asked at once, over connections that are kept. */
export const probeOverHttp: Probe = async ({ url, path, timeoutMs, apiKey }, signal) => {
  using limit = timeLimit(timeoutMs, signal);
  const headers: Record<string, string> = apiKey === undefined ? {} : { 'x-api-key': apiKey };
  const options = { headers, maxBytes: maxBodyBytes, signal: limit.signal };
  // A replica that does not tell its load is as healthy as one that does.
  const load = httpGet(new URL('/status', url), options).then(
    ({ status, text }) => (isGood(status) ? readLoad(parseJson(text)) : undefined),
    () => undefined,
  );
  const start = performance.now();
  try {
    const { status } = await httpGet(new URL(path, url), options);
    const latencyMs = performance.now() - start;
    if (!isGood(status)) return { ok: false, reason: `${path} answered HTTP ${status}` };
    return { ok: true, latencyMs, load: await load };
  } catch (error) {
    const late = limit.signal.aborted && !signal.aborted;
    return { ok: false, reason: late ? `no answer within ${timeoutMs} ms` : errorMessage(error) };
  }
};

function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}
