import { aborted } from '../../base/async/aborted.ts';
import { timeLimit } from '../../base/async/deadline.ts';
import { errorMessage } from '../../base/errors.ts';
import { parseJson } from '../../base/json.ts';
import { httpSend } from './http-send.ts';
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
  | {
      readonly ok: false;
      readonly reason: string;
      /** Set when the answer has not come in time: whether a good one comes after all, before the signal aborts. */
      readonly late?: Promise<boolean>;
    };

/** Asks a replica once. Never rejects; what has not come when the signal aborts is a failure. */
export type Probe = (target: ProbeTarget, signal: AbortSignal) => Promise<ProbeResult>;

/** Nothing that a probe has use for is larger; more is not read. */
const maxBodyBytes = 2 ** 20;

/** Health and load are asked at once, over connections that are kept. */
export const probeOverHttp: Probe = async (target, signal) => {
  const { timeoutMs } = target;
  const answered = ask(target, signal);
  using limit = timeLimit(timeoutMs, signal);
  const result = await Promise.race([answered, aborted(limit.signal)]);
  if (result) return result;
  const late = answered.then(({ ok }) => ok);
  return { ok: false, reason: `no answer within ${timeoutMs} ms`, late };
};

async function ask({ url, path, apiKey }: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
  const headers: Record<string, string> = apiKey === undefined ? {} : { 'x-api-key': apiKey };
  const options = { headers, maxBytes: maxBodyBytes, signal };
  // A replica that does not tell its load is as healthy as one that does.
  const load = httpSend(new URL('/status', url), options).then(
    ({ status, body }) => (isGood(status) ? readLoad(parseJson(body.toString())) : undefined),
    () => undefined,
  );
  const start = performance.now();
  try {
    const { status } = await httpSend(new URL(path, url), options);
    const latencyMs = performance.now() - start;
    if (!isGood(status)) return { ok: false, reason: `${path} answered HTTP ${status}` };
    return { ok: true, latencyMs, load: await load };
  } catch (error) {
    return { ok: false, reason: errorMessage(error) };
  }
}

/** A redirect is good too: of a health check FastVideo's router takes it so. */
function isGood(status: number): boolean {
  return status >= 200 && status < 400;
}
