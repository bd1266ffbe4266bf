import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { endConnection } from './end-connection.ts';

/** Answers a WebSocket request with an HTTP error and a JSON body, and closes. */
export function refuseUpgrade(
  socket: Duplex,
  status: number,
  told: { readonly code: string; readonly message: string },
): void {
  const body = Buffer.from(JSON.stringify(told));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body.toString()}`);
  endConnection(socket);
}
