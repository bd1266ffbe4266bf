import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { httpFront, onWebSocketRequest } from '../../src/core/base/http/http-front.ts';
import { refuseUpgrade } from '../../src/core/base/http/refuse-upgrade.ts';
import { waitFor } from '../support/wait-for.ts';

/** Times that never come in these tests. */
const limits = {
  http_connections: 10,
  http_headers_seconds: 3600,
  http_request_seconds: 3600,
  http_body_bytes: 1000,
};

const upgrade = (target: string, protocol: string) =>
  `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
const plain = (target: string) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

describe('a request for another protocol right behind one that is not answered yet', () => {
  const app = httpFront({
    limits,
    maxConnections: 10,
    onLimit: () => undefined,
    logger: pino({ level: 'silent' }),
  });
  let answerFirst: (() => void) | undefined;
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
    await waitFor('the first request', () => answerFirst !== undefined);
    answerFirst?.();
    answerFirst = undefined;
    expect(await text(socket)).toMatch(expected);
  });

  it('is not answered where that one was refused and the connection ends', async () => {
    await listening;
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`GET /first HTTP/1.1\r\n\r\n${upgrade('/second', 'h2c')}`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 (?!.*HTTP\/1)/s);
  });
});

describe('a client that sends many requests before it has an answer', () => {
  const app = httpFront({
    limits,
    maxConnections: 10,
    onLimit: () => undefined,
    logger: pino({ level: 'silent' }),
  });
  let begun = 0;
  let answer: () => void = () => undefined;
  app.get('/', async () => {
    begun += 1;
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return `answer ${begun}`;
  });
  const listening = app.listen({ host: '127.0.0.1', port: 0 });
  const open = async () => {
    await listening;
    return connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  };

  afterEach(() => {
    begun = 0;
  });
  afterAll(async () => await app.close());

  it('has them worked on one after the other', async () => {
    const socket = await open();
    let received = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      received += part;
    });
    socket.write(plain('/').repeat(20));
    for (let number = 1; number <= 20; number += 1) {
      await waitFor(`request ${number}`, () => begun === number);
      answer();
      await waitFor(`answer ${number}`, () => received.endsWith(`answer ${number}`));
    }
    socket.destroy();
  });

  it('is cut off when there are very many, and at most the first was begun', async () => {
    const socket = await open();
    socket.on('error', () => undefined);
    socket.write(plain('/').repeat(500));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(begun).toBeLessThanOrEqual(1);
  });
});

describe('a body in chunks', () => {
  const limits = {
    http_connections: 10,
    http_headers_seconds: 3600,
    http_request_seconds: 3600,
    http_body_bytes: 2 ** 20,
  };
  const reached: string[] = [];
  const app = httpFront({
    limits,
    maxConnections: 10,
    onLimit: (limit) => void reached.push(limit),
    logger: pino({ level: 'silent' }),
  });
  app.post('/', async ({ body }) => JSON.stringify(body).length);
  const listening = app.listen({ host: '127.0.0.1', port: 0 });
  afterAll(async () => await app.close());

  it.each([
    ['of one byte, some hundred of them, is taken', 1, 500, / 200 OK\r\n.*502$/s],
    ['of 100 bytes, thousands of them, is taken', 100, 5000, / 200 OK\r\n.*500002$/s],
    ['of one byte, thousands of them, is not read to its end', 1, 500_000, /^$/],
  ])('%s', async (_, size, count, expected) => {
    await listening;
    reached.length = 0;
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    let answer = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      answer += part;
    });
    const ended = new Promise((resolve) => socket.once('close', resolve));
    const head =
      'POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n';
    const chunk = `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`;
    socket.write(
      `${head}Transfer-Encoding: chunked\r\n\r\n1\r\n"\r\n${chunk.repeat(count)}1\r\n"\r\n0\r\n\r\n`,
    );
    await ended;
    expect(answer).toMatch(expected);
    expect(reached).toEqual(answer === '' ? ['http_body_bytes'] : []);
  });
});

describe('a client that never ends its connection', () => {
  const app = httpFront({
    limits,
    maxConnections: 10,
    onLimit: () => undefined,
    logger: pino({ level: 'silent' }),
  });
  app.get('/', async () => 'here');
  onWebSocketRequest(app, pino({ level: 'silent' }), (_request, socket) =>
    refuseUpgrade(socket, 404, { code: 'not_found', message: 'There is none.' }),
  );
  const listening = app.listen({ host: '127.0.0.1', port: 0 });
  afterAll(async () => await app.close());

  it.each(['websocket', 'h2c'])('is cut off when its upgrade to %s was answered', async (protocol) => {
    await listening;
    const { port } = app.server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const accepted = once(app.server, 'connection');
    socket.write(upgrade('/', protocol));
    const [served] = await accepted;
    socket.on('error', () => undefined).resume();
    await waitFor('end of the connection', () => (served as Socket).destroyed);
    socket.destroy();
  });
});

describe('a server that holds as many connections as it may', () => {
  const isOpen = async (socket: Socket) => {
    socket.write(plain('/'));
    return await Promise.race([
      once(socket, 'data').then(() => true),
      once(socket, 'close').then(() => false),
    ]);
  };

  async function full(ask: string) {
    let reached = 0;
    const app = httpFront({
      limits: { ...limits, http_connections: 3 },
      maxConnections: 1,
      onLimit: () => {
        reached += 1;
      },
      logger: pino({ level: 'silent' }),
    });
    app.get('/', async () => 'here');
    app.get('/slow', async () => await new Promise(() => undefined));
    const sockets = new WebSocketServer({ noServer: true });
    onWebSocketRequest(app, pino({ level: 'silent' }), (request, stream, head) =>
      sockets.handleUpgrade(request, stream, head, (socket) => socket.send('here')),
    );
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const connected = async (head: string) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      const [, asked] = [
        await Promise.all([once(app.server, 'connection'), once(socket, 'connect')]),
        once(app.server, 'request'),
      ];
      socket.write(head);
      if (head.includes('/slow')) await asked;
      return socket;
    };
    const webSocket = await connected('');
    const upgraded = once(webSocket, 'data');
    webSocket.write(upgrade('/', 'websocket'));
    await upgraded;
    const others = [await connected(ask), await connected(ask), await connected(ask)];
    return {
      webSocket,
      others,
      connected,
      reached: () => reached,
      async [Symbol.asyncDispose]() {
        for (const socket of [webSocket, ...others]) socket.destroy();
        sockets.close();
        await app.close();
      },
    };
  }

  it.each([
    ['has sent nothing', ''],
    ['has not sent all of its headers', 'GET / HTTP/1.1\r\nHost:'],
    ['waits for its answer', plain('/slow')],
  ])('answers the next one, for which the oldest that %s is closed', async (_, ask) => {
    await using server = await full(ask);
    const [first, second, third] = server.others;
    const firstClosed = once(first as Socket, 'close');
    const next = await server.connected('');
    expect(await isOpen(next)).toBe(true);
    await firstClosed;
    expect(server.reached()).toBe(1);
    expect([second?.destroyed, third?.destroyed, server.webSocket.destroyed]).toEqual([false, false, false]);
    next.destroy();
  });

  it('closes one without a request before one that waits for its answer', async () => {
    await using server = await full(plain('/slow'));
    const idle = await server.connected('');
    const idleClosed = once(idle, 'close');
    const next = await server.connected('');
    expect(await isOpen(next)).toBe(true);
    await idleClosed;
    expect(server.others.slice(1).map(({ destroyed }) => destroyed)).toEqual([false, false]);
    next.destroy();
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
    await using app = httpFront({
      limits,
      maxConnections: 10,
      onLimit: () => undefined,
      logger: pino({ level: 'silent' }),
    });
    expect(app.server.requestTimeout).toBe(Math.ceil(request * 1000));
    expect(app.server.headersTimeout).toBe(Math.ceil(Math.min(headers, request) * 1000));
  });
});

describe('a client that asks for an upgrade and does not read the answer before', () => {
  it.each(['websocket', 'h2c'])('does not hold the end of the server: %s', async (protocol) => {
    const app = httpFront({
      limits,
      maxConnections: 10,
      onLimit: () => undefined,
      logger: pino({ level: 'silent' }),
    });
    app.get('/large', async () => Buffer.alloc(32 * 2 ** 20));
    onWebSocketRequest(app, pino({ level: 'silent' }), () => undefined);
    await app.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1').pause();
    socket.on('error', () => undefined);
    const asked = once(app.server, 'upgrade');
    socket.write(`${plain('/large')}${upgrade('/v1/stream', protocol)}`);
    await asked;
    let isClosed = false;
    const closing = app.close().then(() => {
      isClosed = true;
    });
    await waitFor('end of the server', () => isClosed).finally(() => socket.destroy());
    await closing;
  });
});

describe('what the HTTP server refuses by itself', () => {
  const app = httpFront({
    limits,
    maxConnections: 10,
    onLimit: () => undefined,
    logger: pino({ level: 'silent' }),
  });
  app.get('/thing', async () => 'the thing');
  app.put('/thing', async () => 'another thing');
  afterAll(async () => await app.close());

  it.each([
    ['GET', '/none', {}, '', 404, 'not_found', 'There is nothing at /none.'],
    ['GET', '/(:a*', {}, '', 404, 'not_found', 'There is nothing at /(:a*.'],
    ['POST', '/thing?a', {}, '', 405, 'method_not_allowed', '/thing takes GET and PUT, not POST.'],
    [
      'PUT',
      '/thing',
      { 'content-type': 'x/y' },
      'a',
      415,
      'unsupported_media_type',
      'A body of the type "x/y" is not taken here.',
    ],
    ['PUT', '/thing', { 'content-type': 'application/json' }, '{', 400, 'invalid_message', /JSON/],
    ['PUT', '/thing', { 'content-type': 'text/plain' }, 'a'.repeat(1001), 413, 'too_large', /too large/],
  ] as const)(
    'has a code and a message: %s %s',
    async (method, url, headers, payload, status, code, told) => {
      const response = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
      expect(response.statusCode).toBe(status);
      expect(response.json()).toEqual({
        code,
        message: typeof told === 'string' ? told : expect.stringMatching(told),
      });
      expect(response.headers.allow).toBe(status === 405 ? 'GET, PUT' : undefined);
    },
  );
});

describe('a body of JSON', () => {
  const app = httpFront({
    limits: { ...limits, http_body_bytes: 2 ** 20 },
    maxConnections: 10,
    onLimit: () => undefined,
    logger: pino({ level: 'silent' }),
  });
  app.post('/', async () => 'taken');
  const post = async (payload: string) =>
    await app.inject({ method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, payload });
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

  afterAll(async () => await app.close());

  it.each([nested(100), '{"a":{"b":[1,null]}}', '"a text"'])('is taken: %.40s', async (payload) => {
    expect((await post(payload)).body).toBe('taken');
  });

  it('may be empty: some clients declare a DELETE as JSON', async () => {
    expect((await post('')).body).toBe('taken');
  });

  it.each([nested(101), nested(10_000), nested(500_000), `[${'{},'.repeat(200_000)}{}]`])(
    'is refused where no route should have to walk over it: %.40s',
    async (payload) => {
      const { statusCode, json } = await post(payload);
      expect([statusCode, json()]).toEqual([
        400,
        { code: 'invalid_message', message: 'The body has too many or too deeply nested parts.' },
      ]);
    },
  );

  it.each(['{', '{"__proto__":{"a":1}}', '{"constructor":{"prototype":{}}}'])(
    'is refused where it is none, or changes prototypes: %s',
    async (payload) => {
      const { statusCode, json } = await post(payload);
      expect([statusCode, json()]).toEqual([400, { code: 'invalid_message', message: expect.any(String) }]);
    },
  );
});

describe('many requests of many connections at once', () => {
  const app = httpFront({
    limits,
    maxConnections: 10,
    onLimit: () => undefined,
    logger: pino({ level: 'silent' }),
  });
  const begun: string[] = [];
  for (const path of ['/', '/healthz']) {
    app.get(path, async () => {
      begun.push(path);
      return 'here';
    });
  }
  afterAll(async () => await app.close());

  it('are begun a few in each turn of the event loop, in their order, and probes before them', async () => {
    const answers = Array.from({ length: 40 }, async () => await app.inject('/'));
    await app.inject('/healthz');
    expect(begun.length).toBeLessThan(20);
    await Promise.all(answers);
    expect(begun).toHaveLength(41);
  });
});

describe('a handler that throws what nobody expected', () => {
  it('is answered with 500 in our shape, without its words, and logged with the stack', async () => {
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(line) });
    await using app = httpFront({ limits, maxConnections: 10, onLimit: () => undefined, logger });
    app.get('/', async () => {
      throw new TypeError('secret.of.ours is not a function');
    });
    const answer = await app.inject('/');
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({ code: 'internal_error', message: expect.not.stringContaining('secret') });
    expect(lines.join('')).toContain('"stack":"TypeError: secret.of.ours');
    expect(lines.join('')).toContain('this is a bug of ours');
  });
});
