import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { WebSocketServer } from 'ws';

/** What stands behind the router: answers its probes, and WebSockets as the test wants it. */
export interface Replica extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
}

/** Sends back each message as it came. */
export async function echoReplica(): Promise<Replica> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const { server, replica } = await healthyServer();
  server.on('upgrade', (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
  });
  return replica;
}

/**
 * Passes each WebSocket on to the server at `port`, byte for byte but for the request's target: a router asks for `/ws`,
 * and the query of that says in `target` what is asked for there.
 */
export async function passingReplica(port: number): Promise<Replica> {
  const { server, replica } = await healthyServer();
  server.on('upgrade', (request, client, head) => {
    const target = new URL(request.url ?? '/', 'http://localhost').searchParams.get('target') ?? '/';
    // The test suite wants its own port there.
    const headers = { ...request.headers, host: `127.0.0.1:${port}` };
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
    const upstream = connect(port, '127.0.0.1', () => {
      upstream.write(`GET ${target} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`);
      upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  return replica;
}

async function healthyServer() {
  const server = createServer((_, response) => response.end('{}'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const replica: Replica = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
  return { server, replica };
}
