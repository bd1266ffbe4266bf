import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { sessionToResume } from '../../../src/core/router/wire/replica-frames.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type FakeReplica, fakeReplica, init, letIn, never, reject, routerFor } from './fake-replica.ts';
import { RawClient } from './raw-client.ts';

const answer =
  (status: string, body = '') =>
  (socket: Duplex) =>
    socket.end(`HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);

const onFirst = (then: (socket: WebSocket) => void) => (socket: WebSocket) =>
  socket.once('message', () => then(socket));

function failing(socket: WebSocket): void {
  const message = 'The store cannot be used.';
  socket.send(JSON.stringify({ type: 'error', code: 'internal_error', message, retryable: true }));
  socket.close(1011, 'internal_error');
}

function refuse(socket: WebSocket, told?: () => void): void {
  const message = 'The server accepts no further sessions now.';
  socket.send(JSON.stringify({ type: 'error', code: 'session_rejected', message, retryable: true }), told);
}

/** Until it is cut off. */
function refuseOnAndOn(socket: WebSocket): void {
  if (socket.readyState === socket.OPEN) refuse(socket, () => setImmediate(refuseOnAndOn, socket));
}

/** Lets sessions in, and keeps what it was sent. */
async function goodReplica(): Promise<FakeReplica & { readonly got: string[] }> {
  const got: string[] = [];
  const replica = await fakeReplica({
    serve: (socket) => {
      socket.once('message', () => letIn(socket));
      socket.on('message', (data) => got.push(String(data)));
    },
  });
  return { ...replica, got };
}

describe('before a session is let in, the client sees nothing of a replica that', () => {
  it.each([
    ['rejects it', 0, { serve: onFirst((socket) => reject(socket)) }],
    ['fails on its side', 0, { serve: onFirst(failing) }],
    ['closes with 1013 without a word', 0, { serve: onFirst((socket) => socket.close(1013)) }],
    ['goes away', 0, { serve: onFirst((socket) => socket.close(1001, 'server_draining')) }],
    ['rejects it and does not close', 1, { serve: onFirst((socket) => refuse(socket)) }],
    ['rejects it again and again', 1, { serve: onFirst((socket) => refuseOnAndOn(socket)) }],
    ['is at its connection limit', 0, { upgrade: answer('503 Service Unavailable') }],
    ['breaks off', 1, { serve: onFirst((socket) => socket.terminate()) }],
    ['cuts the connection at the upgrade', 1, { upgrade: (socket: Duplex) => socket.destroy() }],
    ['fails', 1, { upgrade: answer('500 Internal Server Error') }],
  ])('%s', async (_, failures, options) => {
    await using first = await fakeReplica(options);
    await using second = await goodReplica();
    await using router = await routerFor([first, second], {
      health_check: { interval_seconds: 3600, timeout_seconds: never },
    });
    await using client = await RawClient.connect(router.url, { first: init });
    client.socket.send('sent early');
    await client.gets(1);
    expect(client.types()).toEqual(['gpu_assigned']);
    expect(first.requests).toHaveLength(1);
    await waitFor('both frames', () => second.got.length === 2);
    expect(second.got).toEqual([init, 'sent early']);
    const [replica] = router.registry.replicas;
    expect(replica?.health.consecutiveFailures).toBe(failures);
    expect([replica?.active, replica?.pending]).toEqual([0, 0]);
  });

  it('never answers the upgrade', async () => {
    await using first = await fakeReplica({ upgrade: () => undefined });
    await using second = await goodReplica();
    // Where the second one is too slow as well, both are tried again.
    await using router = await routerFor([first, second], {
      connect_timeout_seconds: 0.3,
      wait_seconds: never,
      health_check: { interval_seconds: 3600, timeout_seconds: never },
    });
    await using client = await RawClient.connect(router.url, { first: init });
    await client.gets(1);
    expect(client.types()).toEqual(['gpu_assigned']);
    expect(first.requests).not.toEqual([]);
    await waitFor('its frame', () => second.got.length === 1);
    expect(router.registry.replicas[0]?.health.consecutiveFailures).toBeGreaterThanOrEqual(1);
  });

  it('lets it wait in its queue and is then lost', async () => {
    await using first = await fakeReplica({
      serve: onFirst((socket) => {
        socket.send(JSON.stringify({ type: 'queue_status', position: 1, queue_depth: 1 }), () =>
          socket.terminate(),
        );
      }),
    });
    await using second = await goodReplica();
    await using router = await routerFor([first, second]);
    await using client = await RawClient.connect(router.url, { first: init });
    await client.gets(2);
    expect(client.types()).toEqual(['queue_status', 'gpu_assigned']);
  });
});

describe('a session whose opening is lost with its replica', () => {
  it('is tried on one more and on no third: it may be why', async () => {
    const dying = () => fakeReplica({ serve: onFirst((socket) => socket.terminate()) });
    await using first = await dying();
    await using second = await dying();
    await using third = await goodReplica();
    await using router = await routerFor([first, second, third]);
    await using client = await RawClient.connect(router.url, { first: init });
    expect(await client.closed()).toEqual({ code: 1011, reason: 'replica_lost' });
    expect([first, second, third].map(({ requests }) => requests.length)).toEqual([1, 1, 0]);
  });
});

describe('when every replica rejects it, a session', () => {
  it("ends with the first one's frame and close", async () => {
    await using first = await fakeReplica({ serve: onFirst((socket) => reject(socket)) });
    await using second = await fakeReplica({ serve: onFirst((socket) => reject(socket, true)) });
    await using router = await routerFor([first, second]);
    await using client = await RawClient.connect(router.url, { first: init });
    expect(await client.closed()).toEqual({ code: 1013, reason: 'session_rejected' });
    expect(client.received).toHaveLength(1);
    expect(JSON.parse(String(client.received[0]))).toMatchObject({
      code: 'session_rejected',
      retryable: false,
    });
    expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
  });

  it('waits for its turn as long as it may', async () => {
    let full = true;
    await using replica = await fakeReplica({
      serve: onFirst((socket) => (full ? reject(socket) : letIn(socket))),
    });
    await using router = await routerFor([replica], { wait_seconds: never });
    await using client = await RawClient.connect(router.url, { first: init });
    await waitFor('a second try', () => replica.requests.length >= 2);
    full = false;
    await client.gets(1);
    expect(client.types()).toEqual(['gpu_assigned']);
  });
});

describe('a replica that does not want the client', () => {
  it.each([
    ['401 Unauthorized', 'unauthorized', 1008],
    ['403 Forbidden', 'unauthorized', 1008],
    ['404 Not Found', 'internal_error', 1011],
  ])('with HTTP %s is not left for another, and is not to blame', async (status, code, closeCode) => {
    const body = JSON.stringify({ code: 'unauthorized', message: 'The API key is wrong.' });
    await using first = await fakeReplica({ upgrade: answer(status, body) });
    await using second = await goodReplica();
    await using router = await routerFor([first, second]);
    await using client = await RawClient.connect(router.url, { first: init });
    expect((await client.closed()).code).toBe(closeCode);
    expect(JSON.parse(String(client.received[0]))).toEqual({
      type: 'error',
      code,
      message: 'The API key is wrong.',
      retryable: false,
    });
    expect(second.requests).toHaveLength(0);
    expect(router.registry.replicas[0]?.health.consecutiveFailures).toBe(0);
  });
});

/** Says something at each turn of the event loop, and never comes to an end. */
const endless = (head: string, more: string) => (socket: Duplex) => {
  // Being cut off is what it gets.
  socket.on('error', () => undefined);
  const go = () => {
    if (socket.writable) socket.write(more, () => setImmediate(go));
  };
  socket.write(head, go);
};

describe('a replica whose answer to the upgrade comes on and never ends', () => {
  const chunked = 'Transfer-Encoding: chunked\r\n\r\n';
  it.each([
    ['a status line', endless('HTTP/1.1 101 Sw', 'i')],
    ['interim answers', endless('', 'HTTP/1.1 102 Processing\r\n\r\n')],
    ['the body of a failure', endless(`HTTP/1.1 500 No\r\n${chunked}`, '1\r\nx\r\n')],
  ])('is left for the next one after the time to connect: %s', async (_, upgrade) => {
    await using first = await fakeReplica({ upgrade });
    await using second = await goodReplica();
    await using router = await routerFor([first, second], { connect_timeout_seconds: 0.2 });
    await using client = await RawClient.connect(router.url, { first: init });
    await client.gets(1);
    expect(client.types()).toEqual(['gpu_assigned']);
    expect(first.requests).toHaveLength(1);
  });

  it('refuses the client as its status says', async () => {
    const upgrade = endless(`HTTP/1.1 401 No\r\n${chunked}`, '1\r\n \r\n');
    await using replica = await fakeReplica({ upgrade });
    await using router = await routerFor([replica], { connect_timeout_seconds: 0.2 });
    await using client = await RawClient.connect(router.url, { first: init });
    expect(await client.closed()).toMatchObject({ code: 1008 });
    expect(JSON.parse(String(client.received[0]))).toMatchObject({ code: 'unauthorized' });
  });
});

describe('a replica that is lost with sessions on it', () => {
  it('is told to each client as worker_failed, retryable, close 1011, and is unhealthy at once', async () => {
    const open: WebSocket[] = [];
    await using replica = await fakeReplica({
      serve: onFirst((socket) => {
        letIn(socket);
        open.push(socket);
      }),
    });
    await using router = await routerFor([replica], {
      health_check: { interval_seconds: 3600, timeout_seconds: never },
    });
    await using first = await RawClient.connect(router.url, { first: init });
    await using second = await RawClient.connect(router.url, { first: init });
    await using third = await RawClient.connect(router.url, { first: init });
    const clients = [first, second, third];
    for (const client of clients) await client.gets(1);
    for (const socket of open) socket.terminate();
    for (const client of clients) {
      expect(await client.closed()).toEqual({ code: 1011, reason: 'replica_lost' });
      expect(JSON.parse(String(client.received.at(-1)))).toMatchObject({
        code: 'worker_failed',
        retryable: true,
      });
    }
    expect(router.registry.replicas[0]?.health).toMatchObject({ state: 'unhealthy', consecutiveFailures: 3 });
  });
});

describe('a resume that every replica refuses', () => {
  it('is asked for once each, however long a session may wait', async () => {
    const refusing = () => fakeReplica({ serve: onFirst((socket) => reject(socket)) });
    await using first = await refusing();
    await using second = await refusing();
    await using router = await routerFor([first, second], { wait_seconds: 3600 });
    const resume = { session_id: 'a guess', resume_token: 'a guess' };
    await using client = await RawClient.connect(router.url, {
      first: JSON.stringify({ type: 'session_init_v2', resume }),
    });
    expect(await client.closed()).toEqual({ code: 1013, reason: 'session_rejected' });
    expect([first.requests, second.requests].map(({ length }) => length)).toEqual([1, 1]);
  });
});

describe('a first frame', () => {
  it('is not searched for a resume when it is larger than any that resumes', () => {
    const resume = { session_id: 'one', resume_token: 'two' };
    const frame = (more: object) => ({
      data: Buffer.from(JSON.stringify({ type: 'session_init_v2', resume, ...more })),
      isBinary: false,
    });
    expect(sessionToResume(frame({}))).toEqual({ sessionId: 'one', token: 'two' });
    expect(sessionToResume(frame({ brackets: Array.from({ length: 100_000 }, () => []) }))).toBeUndefined();
  });
});

describe('a replica that says more than an opening needs', () => {
  it('is given up for the next one', async () => {
    const status = JSON.stringify({ type: 'queue_status', position: 1, queue_depth: 1 });
    await using first = await fakeReplica({
      serve: (socket) =>
        socket.once('message', () => {
          for (let count = 0; count <= 10_000; count += 1) socket.send(status);
        }),
    });
    await using second = await fakeReplica({
      serve: (socket) => socket.once('message', () => letIn(socket)),
    });
    await using router = await routerFor([first, second]);
    await using client = await RawClient.connect(router.url, { first: init });
    await waitFor('second replica', () => client.types().includes('gpu_assigned'));
  });
});
