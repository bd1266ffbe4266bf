import { describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { fakeReplica, init, letIn, routerFor } from './fake-replica.ts';
import { RawClient } from './raw-client.ts';

/** Bytes as one text: comparing them one by one takes long. */
const readable = (one: string | Buffer) => (Buffer.isBuffer(one) ? `binary ${one.toString('hex')}` : one);

describe('what is passed on', () => {
  it('text and binary both ways, empty ones too, in their order and of their kind', async () => {
    const seen: (string | Buffer)[] = [];
    await using replica = await fakeReplica({
      serve: (socket) =>
        socket.on('message', (data: Buffer, isBinary) => {
          seen.push(isBinary ? data : data.toString());
          if (seen.length === 1) letIn(socket);
          else socket.send(data, { binary: isBinary });
        }),
    });
    await using router = await routerFor([replica]);
    await using client = await RawClient.connect(router.url, { first: init });
    const sent = Array.from({ length: 200 }, (_, index) =>
      index % 3 === 0 ? `text ${index}` : Buffer.alloc(index % 5 === 0 ? 0 : index * 100, index),
    );
    for (const one of sent) client.socket.send(one);
    expect((await client.gets(201)).slice(1).map(readable)).toEqual(sent.map(readable));
    expect(seen.map(readable)).toEqual([init, ...sent].map(readable));
  });

  it('path, query, credentials, Origin and sub-protocol; and who the client is', async () => {
    await using replica = await fakeReplica({ serve: (socket) => letIn(socket) });
    await using router = await routerFor([replica]);
    await using client = await RawClient.connect(router.url, {
      path: '/v1/stream?api_key=k%20ey&x=1',
      protocols: ['fastvideo.v1', 'other'],
      origin: 'https://app.example.org',
      headers: {
        authorization: 'Bearer token',
        'x-api-key': 'key',
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-proto': 'https',
        connection: 'keep-alive, x-secret-hop',
      },
      first: init,
    });
    await client.gets(1);
    expect(client.socket.protocol).toBe('fastvideo.v1');
    const [request] = replica.requests;
    expect(request?.url).toBe('/v1/stream?api_key=k%20ey&x=1');
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer token',
      'x-api-key': 'key',
      origin: 'https://app.example.org',
      'sec-websocket-protocol': 'fastvideo.v1',
      'x-forwarded-for': '203.0.113.9, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': new URL(router.url).host,
    });
    // Video does not get smaller by deflating it.
    expect(request?.headers['sec-websocket-extensions']).toBeUndefined();
  });

  it.each([
    [1000, 'leave'],
    [1003, 'invalid_init'],
    [1008, 'too_many_messages'],
    [1011, 'internal_error'],
    [4321, 'a code of its own'],
  ])("the replica's close %i %s", async (code, reason) => {
    await using replica = await fakeReplica({
      serve: (socket) => {
        letIn(socket);
        socket.close(code, reason);
      },
    });
    await using router = await routerFor([replica]);
    await using client = await RawClient.connect(router.url, { first: init });
    expect(await client.closed()).toEqual({ code, reason });
    // However a replica closes in order, it is there.
    expect(router.registry.replicas[0]?.health.consecutiveFailures).toBe(0);
  });

  it.each([
    ['with a code', 4001, (client: RawClient) => client.socket.close(4001, 'bye')],
    ['without one', 1005, (client: RawClient) => client.socket.close()],
    ['by breaking off', 1006, (client: RawClient) => client.socket.terminate()],
  ])("the client's close %s", async (_, code, close) => {
    const codes: number[] = [];
    await using replica = await fakeReplica({
      serve: (socket) => {
        letIn(socket);
        socket.on('close', (seen) => codes.push(seen));
      },
    });
    await using router = await routerFor([replica]);
    await using client = await RawClient.connect(router.url, { first: init });
    await client.gets(1);
    close(client);
    await waitFor('close', () => codes.length > 0);
    expect(codes).toEqual([code]);
    await waitFor('end', () => router.registry.replicas[0]?.active === 0);
    expect(router.registry.replicas[0]?.health.consecutiveFailures).toBe(0);
  });

  it('everything on /ws, where the server may speak first', async () => {
    await using replica = await fakeReplica({
      serve: (socket) => {
        socket.send(JSON.stringify({ type: 'queue_status', position: 0, total_gpus: 1, available_gpus: 1 }));
        socket.on('message', () => letIn(socket));
      },
    });
    await using router = await routerFor([replica]);
    await using client = await RawClient.connect(router.url, { path: '/ws' });
    await client.gets(1);
    client.socket.send(init);
    await client.gets(2);
    expect(client.types()).toEqual(['queue_status', 'gpu_assigned']);
    expect(replica.requests[0]?.url).toBe('/ws');
  });
});

describe('a client that is silent', () => {
  it('reaches no replica, and is told as a replica tells it', async () => {
    await using replica = await fakeReplica({});
    await using router = await routerFor([replica], { init_timeout_seconds: 0.2 });
    await using client = await RawClient.connect(router.url);
    expect(await client.closed()).toEqual({ code: 1003, reason: 'invalid_init' });
    expect(JSON.parse(String(client.received[0]))).toMatchObject({
      code: 'invalid_message',
      retryable: false,
    });
    expect(replica.requests).toHaveLength(0);
  });
});
