import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { systemErrorCode } from '../../base/errors.ts';

// Not `fetch`: it refuses ports that browsers refuse, such as 6000 and 10080.
const clients = {
  'http:': { request: http.request, agent: new http.Agent({ keepAlive: true }) },
  'https:': { request: https.request, agent: new https.Agent({ keepAlive: true }) },
};

export interface HttpAnswer {
  readonly status: number;
  /** Unset where it is not said. */
  readonly contentType?: string;
  /** As much of the body as may be read. */
  readonly body: Buffer;
}

interface SendOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** What is longer is cut off. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** One request, GET unless said otherwise, over a connection that is kept for the next. Redirects are answers. Rejects when there is none. */
export async function httpSend(url: URL, options: SendOptions): Promise<HttpAnswer> {
  const { request: send, agent } = clients[url.protocol === 'https:' ? 'https:' : 'http:'];
  const { method = 'GET', headers, body, signal } = options;
  const request = send(url, { agent, method, headers: { ...headers }, signal });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
  });
  request.end(body);
  try {
    const response = await answered;
    const contentType = response.headers['content-type'];
    return {
      status: response.statusCode ?? 0,
      ...(contentType === undefined ? {} : { contentType }),
      body: await boundedBody(response, options.maxBytes),
    };
  } catch (error) {
    // The kept connection was closed by the other side just then; a new one tells more.
    const stale = request.reusedSocket && systemErrorCode(error) === 'ECONNRESET' && !options.signal.aborted;
    if (stale) return await httpSend(url, options);
    throw error;
  }
}

async function boundedBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Left early, the loop destroys the response and its connection.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
