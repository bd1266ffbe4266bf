import type { SocketEvents, StreamSocket } from './stream-client.ts';

/** Opens a WebSocket of the browser. */
export function openBrowserSocket(url: string, events: SocketEvents): StreamSocket {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', () => events.opened());
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data === 'string') events.text(data);
    else events.binary(data);
  });
  // An `error` event tells nothing that the `close` event after it does not.
  socket.addEventListener('close', ({ code, reason }) => events.closed(code, reason));
  return { send: (text) => socket.send(text), close: () => socket.close(1000) };
}
