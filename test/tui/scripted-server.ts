import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Never answers. */
  readonly hang?: boolean;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

/** A server that answers what the test says: `GET /status` and whatever else is in `routes`. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  /** By `METHOD /path`; replaced at any time. A string body is sent as it is. */
  readonly routes: Map<string, (request: IncomingMessage) => Answer>;
}

const notFound: Answer = { status: 404, body: {} };

/** Listens on a port of its own, or on the one given: where a server was before. */
export async function startScriptedServer(status: unknown, port = 0): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const routes: ScriptedServer['routes'] = new Map([['GET /status', () => ({ status: 200, body: status })]]);
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    requests.push({ method, path, authorization: headers.authorization });
    const answer = routes.get(`${method} ${path}`)?.(request) ?? notFound;
    if (answer.hang) return;
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${actual}`,
    port: actual,
    requests,
    routes,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
