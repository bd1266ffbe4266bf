import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface SlowLine extends AsyncDisposable {
  readonly url: string;
}

/** A way to the server on which what the client sends goes in small pieces, with a pause after each. */
export async function slowLine(
  serverUrl: string,
  { pieceBytes, pauseMs }: { readonly pieceBytes: number; readonly pauseMs: number },
): Promise<SlowLine> {
  const { hostname, port } = new URL(serverUrl);
  const open = new Set<Socket>();
  const line = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      open.add(socket);
      // The other side learns it by the close.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        server.destroy();
      });
    }
    server.pipe(client);
    void trickle(client, server, pieceBytes, pauseMs);
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  return {
    url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      line.close();
      await once(line, 'close');
    },
  };
}

async function trickle(from: Socket, to: Socket, pieceBytes: number, pauseMs: number): Promise<void> {
  try {
    for await (const chunk of from) {
      const bytes: Buffer = chunk;
      for (let at = 0; at < bytes.length && !to.destroyed; at += pieceBytes) {
        to.write(bytes.subarray(at, at + pieceBytes));
        await delay(pauseMs);
      }
    }
  } catch {
    // The client broke off; its close ends the other side.
  }
}
