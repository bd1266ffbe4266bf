import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ContractClient } from '../contract/client.ts';
import { filmOf, probe } from '../contract/film.ts';
import { makeSegment } from '../contract/segment.ts';
import { quick, quickFrames, readyServer } from '../contract/servers.ts';
import { putScenario } from '../mock/dialects.ts';
import { hangLimitMs } from '../support/hang-limit.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { becomes, readyRouter, rowOf, stopAll } from './router-process.ts';

describe('a session through the router', () => {
  let replica: ServerProcess;
  let router: ServerProcess;
  beforeAll(async () => {
    replica = await readyServer('mock', quick);
    router = await readyRouter([replica.url]);
    await becomes(router, replica.url, 'healthy');
  });
  afterAll(async () => stopAll(router, replica));

  it('makes two segments that are one film, and leaves as it would directly', async () => {
    await using client = await ContractClient.open(router.url);
    const segments = [await makeSegment(client, 'a red fox'), await makeSegment(client, 'a bear')];
    expect((await probe(filmOf(segments))).videoFrames).toBe(2 * quickFrames);
    client.send({ type: 'leave' });
    expect(await client.until('ltx2_stream_complete')).toMatchObject({ reason: 'stop_requested' });
    expect(await client.close()).toEqual({ kind: 'close', code: 1000, reason: 'leave' });
  });

  it('answers what is not valid as the replica does, and goes on', async () => {
    await using client = await ContractClient.open(router.url);
    client.sendRaw('not JSON');
    expect(await client.frame()).toMatchObject({ code: 'invalid_message', retryable: true });
    client.sendRaw(Buffer.from([0, 1, 2]));
    expect(await client.frame()).toMatchObject({ code: 'invalid_message', retryable: true });
    await makeSegment(client, 'a fox');
  });

  it.each([
    ['malformed', '{"type":', 'invalid_init'],
    ['empty', '', 'invalid_init'],
    ['binary', Buffer.from('{"type":"session_init_v2"}'), 'invalid_init'],
    ['another valid frame', '{"type":"leave"}', 'expected_session_init_v2'],
  ])(
    'is refused with the same frames and close as directly when its first frame is %s',
    async (_, data, reason) => {
      const answers = [];
      for (const { url } of [replica, router]) {
        await using client = await ContractClient.connect(url);
        client.sendRaw(data);
        expect(await client.close()).toEqual({ kind: 'close', code: 1003, reason });
        answers.push(client.received);
      }
      expect(answers[1]).toEqual(answers[0]);
      expect(await rowOf(router, replica.url)).toMatchObject({ status: 'healthy', consecutive_failures: 0 });
    },
  );

  it('is counted while it is there', async () => {
    await using _client = await ContractClient.open(router.url);
    expect(await rowOf(router, replica.url)).toMatchObject({ active_sessions: 1, pending_sessions: 0 });
    const sessions = await (await fetch(`${router.url}/router/replicas/sessions`)).json();
    expect(sessions).toEqual({
      replicas: [
        {
          url: replica.url,
          healthy: true,
          active_sessions: 1,
          pending_sessions: 0,
          max_available_sessions: 1,
          prompt_provider_success_counts: { echo: 0 },
        },
      ],
    });
    await _client[Symbol.asyncDispose]();
    await waitFor('end', async () => (await rowOf(router, replica.url)).active_sessions === 0);
  });

  it('has a replica whose last answer is told in seconds since 1970', async () => {
    expect(await rowOf(router, replica.url)).toMatchObject({
      last_ok_at: expect.closeTo(Date.now() / 1000, -4),
    });
  });

  it('has its pings answered', async () => {
    await using client = await ContractClient.open(router.url);
    client.socket.ping('are you there');
    const [data] = (await once(client.socket, 'pong')) as [Buffer];
    expect(data.toString()).toBe('are you there');
  });

  it('is refused on another path, and without a proper handshake, as HTTP', async () => {
    const socket = new WebSocket(`${router.url.replace('http', 'ws')}/stream`);
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(404);
    const answer = await fetch(`${router.url}/v1/stream`);
    expect(answer.status).toBe(404);
    expect((await fetch(`${router.url}/healthz`)).status).toBe(200);
  });

  it('is cancelled while it is being made, and goes on', async () => {
    const stall = { at_frame: 5, segment: 1, timeout_seconds: hangLimitMs / 1000 };
    await putScenario(replica.url, { stall });
    try {
      await using client = await ContractClient.open(router.url);
      client.prompt('never ends');
      await client.untilBinary();
      client.send({ type: 'cancel_segment' });
      await client.until('segment_cancelled');
      await makeSegment(client, 'the next');
    } finally {
      await putScenario(replica.url, {});
    }
  });

  it('is not ended by POST /admin/drain, which is not there without an admin token', async () => {
    const headers = { authorization: 'Bearer a-token-for-the-operator' };
    expect((await fetch(`${router.url}/admin/drain`, { method: 'POST', headers })).status).toBe(404);
    expect((await fetch(`${router.url}/readyz?strict`)).status).toBe(200);
  });
});
