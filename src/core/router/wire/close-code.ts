import { isUtf8 } from 'node:buffer';
import type { WebSocket } from 'ws';

/** Codes that stand for "no code" and "no close frame" (RFC 6455, section 7.4.1); they are never sent. */
const noCode = 1005;
const noFrame = 1006;

/** Why a peer closes. */
export interface Close {
  readonly code: number;
  readonly reason: string;
}

/** Reads the payload of a close frame; undefined where it is against the protocol (RFC 6455, sections 5.5.1 and 7.4). */
export function readClose(payload: Buffer): Close | undefined {
  if (payload.length === 0) return { code: noCode, reason: '' };
  if (payload.length === 1) return undefined;
  const code = payload.readUInt16BE(0);
  const reason = payload.subarray(2);
  return isCloseCode(code) && isUtf8(reason) ? { code, reason: reason.toString() } : undefined;
}

function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && ![1004, noCode, noFrame].includes(code);
}

/** Ends a socket as its counterpart ended: with the same code and reason, without a code, or without a close frame. */
export function closeWith(socket: WebSocket, code: number, reason: string): void {
  if (code === noFrame) socket.terminate();
  else if (code === noCode) socket.close();
  else socket.close(code, reason);
}
