import type { WebSocket } from 'ws';

/** Codes that stand for "no code" and "no close frame" (RFC 6455, section 7.4.1); they are never sent. */
const noCode = 1005;
const noFrame = 1006;

/** Ends a socket as its counterpart ended: with the same code and reason, without a code, or without a close frame. */
export function closeWith(socket: WebSocket, code: number, reason: string): void {
  if (code === noFrame) socket.terminate();
  else if (code === noCode) socket.close();
  else socket.close(code, reason);
}
