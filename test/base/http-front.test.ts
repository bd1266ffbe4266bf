import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { httpFront, onWebSocketRequest } from '../../src/core/base/http/http-front.ts';

const upgrade = (target: string, protocol: string) =>
  `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
const plain = (target: string) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

describe('a request for another protocol right behind one that is not answered yet', () => {
  const limits = {
    http_connections: 10,
    http_headers_seconds: 3600,
    http_request_seconds: 3600,
    http_body_bytes: 1000,
  };
  const app = httpFront({ limits, maxConnections: 10, onLimit: () => undefined });
  let answerFirst: () => void = () => undefined;
  app.get('/first', async () => {
    await new Promise<void>((resolve) => {
      answerFirst = resolve;
    });
    return 'the first';
  });
  app.get('/second', async () => 'the second');
  const sockets = new WebSocketServer({ noServer: true });
  onWebSocketRequest(app, pino({ level: 'silent' }), (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, (socket) => {
      socket.send('the second', () => socket.terminate());
    });
  });
  const listening = app.listen({ host: '127.0.0.1', port: 0 });

  afterAll(async () => await app.close());

  afterEach(async () => {
    expect((await app.inject('/second')).statusCode).toBe(200);
  });

  it.each([
    ['h2c', / 200 OK\r\n.*the first.* 200 OK\r\n.*the second$/s],
    ['websocket', / 200 OK\r\n.*the first.* 101 Switching Protocols\r\n.*the second/s],
  ])('is answered behind that one: %s', async (protocol, expected) => {
    await listening;
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    const asked = once(app.server, 'upgrade');
    socket.write(`${plain('/first')}${upgrade('/second', protocol)}`);
    await asked;
    answerFirst();
    expect(await text(socket)).toMatch(expected);
  });

  it('is not answered where that one was refused and the connection ends', async () => {
    await listening;
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`GET /first HTTP/1.1\r\n\r\n${upgrade('/second', 'h2c')}`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 (?!.*HTTP\/1)/s);
  });
});

describe('the time that a request may take', () => {
  it.each([
    [3600, 3600],
    [60, 20],
    [301, 100],
    [0.0015, 1.0005],
  ])('of %d s for the headers and %d s for all of it, is taken', async (headers, request) => {
    const limits = {
      http_connections: 10,
      http_headers_seconds: headers,
      http_request_seconds: request,
      http_body_bytes: 1000,
    };
    await using app = httpFront({ limits, maxConnections: 10, onLimit: () => undefined });
    expect(app.server.requestTimeout).toBe(Math.ceil(request * 1000));
    expect(app.server.headersTimeout).toBe(Math.ceil(Math.min(headers, request) * 1000));
  });
});
