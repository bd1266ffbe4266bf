import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { systemErrorCode } from '../../base/errors.ts';

// Not `fetch`: it refuses ports that browsers refuse, such as 6000 and 10080.
const clients = {
  'http:': { request: http.request, agent: new http.Agent({ keepAlive: true }) },
  'https:': { request: https.request, agent: new https.Agent({ keepAlive: true }) },
};

interface Answer {
  readonly status: number;
  /** As much of the body as may be read. */
  readonly text: string;
}

interface GetOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** What is longer is cut off. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** One GET over a connection that is kept for the next. Redirects are answers. Rejects when there is none. */
export async function httpGet(url: URL, options: GetOptions): Promise<Answer> {
  const { request: send, agent } = clients[url.protocol === 'https:' ? 'https:' : 'http:'];
  const request = send(url, { agent, headers: { ...options.headers }, signal: options.signal });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
  });
  request.end();
  try {
    const response = await answered;
    return { status: response.statusCode ?? 0, text: await boundedText(response, options.maxBytes) };
  } catch (error) {
    // The kept connection was closed by the other side just then; a new one tells more.
    const stale = request.reusedSocket && systemErrorCode(error) === 'ECONNRESET' && !options.signal.aborted;
    if (stale) return await httpGet(url, options);
    throw error;
  }
}

async function boundedText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Left early, the loop destroys the response and its connection.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
