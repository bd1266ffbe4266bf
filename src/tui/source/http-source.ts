import { errorMessage, FastVideoError } from '../../core/base/errors.ts';
import { type HttpAnswer, request } from './http-request.ts';
import { readServerUrl, routeOf, showUrl } from './server-url.ts';
import {
  isRouterStatus,
  parseStatus,
  type ReplicaStatus,
  type RouterReplica,
  type RouterStatus,
} from './status-reading.ts';
import type { StatusSource } from './status-source.ts';

export interface HttpSourceOptions {
  readonly url: URL;
  /** Sent with every `GET /status`. */
  readonly apiKey: string | undefined;
  /** For `POST /admin/drain`; only ever sent to `url` itself. */
  readonly adminToken: string | undefined;
  /** Limit of one request. */
  readonly timeoutMs: number;
}

/** The status of a replica or of a router over HTTP; for a router the status of each of its replicas is read too. */
export function createHttpSource(options: HttpSourceOptions): StatusSource {
  const { url, adminToken } = options;
  const source: StatusSource = {
    label: showUrl(url),
    async read(signal) {
      const status = await readStatus(url, options, signal);
      if (!isRouterStatus(status)) return status;
      return { ...status, replicas: await readReplicas(status, options, signal) };
    },
  };
  return adminToken === undefined ? source : { ...source, drain: () => drain(options, adminToken) };
}

async function readStatus(
  url: URL,
  { apiKey, timeoutMs }: HttpSourceOptions,
  signal: AbortSignal,
): Promise<ReplicaStatus | RouterStatus> {
  const address = routeOf(url, '/status');
  const answer = await request(address, { method: 'GET', token: apiKey, signal, timeoutMs });
  if (answer.status === 401 || answer.status === 403) {
    const what = apiKey === undefined ? 'needs an API key' : 'does not accept this API key';
    throw new FastVideoError(
      'unauthorized',
      `${showUrl(url)} ${what}: pass it with --api-key or in FASTVIDEO_API_KEY.`,
    );
  }
  if (answer.status === 404) {
    throw new FastVideoError(
      'input_invalid',
      `${showUrl(address)} was not found: is this a fastvideo server?`,
    );
  }
  if (answer.status !== 200) {
    throw new FastVideoError('upstream_timeout', `GET /status answered ${answer.status}`);
  }
  return parseStatus(parseJson(answer, showUrl(address)), showUrl(address));
}

function parseJson({ text }: HttpAnswer, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FastVideoError(
      'input_invalid',
      `${from} does not answer with JSON: is this a fastvideo server?`,
      {
        cause: error,
      },
    );
  }
}

function readReplicas(
  { replicas }: RouterStatus,
  options: HttpSourceOptions,
  signal: AbortSignal,
): Promise<RouterReplica[]> {
  return Promise.all(
    replicas.map(async (replica) => {
      try {
        const detail = await readStatus(readServerUrl(replica.url), options, signal);
        if (isRouterStatus(detail)) return { ...replica, problem: 'is a router itself' };
        return { ...replica, detail };
      } catch (error) {
        return { ...replica, problem: errorMessage(error) };
      }
    }),
  );
}

async function drain({ url, timeoutMs }: HttpSourceOptions, token: string): Promise<void> {
  const { signal } = new AbortController();
  const answer = await request(routeOf(url, '/admin/drain'), { method: 'POST', token, signal, timeoutMs });
  if (answer.status >= 200 && answer.status < 300) return;
  const reason =
    answer.status === 401 || answer.status === 403
      ? 'the server does not accept this admin token (--admin-token)'
      : answer.status === 404
        ? 'the server has no admin token set (server.admin_token)'
        : `the server answered ${answer.status}`;
  throw new FastVideoError('unauthorized', reason);
}
