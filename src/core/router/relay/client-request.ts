import type { IncomingMessage } from 'node:http';
import { requestTarget } from '../../base/http/request-target.ts';

/** Which paths are WebSockets; the dialect decides when a replica can be chosen. */
const dialects = { '/v1/stream': 'native', '/ws': 'project' } as const;
export type Dialect = (typeof dialects)[keyof typeof dialects];

/** Headers that a replica gets as the client sent them: it is the replica that checks them. */
const passedOn = [
  'authorization',
  'x-api-key',
  'origin',
  'cookie',
  'user-agent',
  'x-request-id',
  'traceparent',
  'tracestate',
];

/** What a replica is told of the client. */
export interface ClientRequest {
  readonly dialect: Dialect;
  /** Path and query, as the client sent them. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function pathOf(request: IncomingMessage): string {
  return requestTarget(request.url).path;
}

export function dialectOf(request: IncomingMessage): Dialect | undefined {
  const path = pathOf(request);
  return path === '/v1/stream' || path === '/ws' ? dialects[path] : undefined;
}

export function readClientRequest(request: IncomingMessage, dialect: Dialect): ClientRequest {
  const headers: Record<string, string> = {};
  for (const name of passedOn) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  const { path, search } = requestTarget(request.url);
  return { dialect, target: `${path}${search}`, headers: { ...headers, ...forwarded(request) } };
}

/** A proxy before this one has said who the client is; each adds whom it has heard it from. */
function forwarded(request: IncomingMessage): Record<string, string> {
  const before = (name: string) => request.headers[name]?.toString();
  const peer = request.socket.remoteAddress;
  const chain = [before('x-forwarded-for'), peer].filter((part) => part !== undefined && part !== '');
  const host = before('x-forwarded-host') ?? request.headers.host;
  return {
    ...(chain.length === 0 ? {} : { 'x-forwarded-for': chain.join(', ') }),
    'x-forwarded-proto': before('x-forwarded-proto') ?? 'http',
    ...(host === undefined ? {} : { 'x-forwarded-host': host }),
  };
}
