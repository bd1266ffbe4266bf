import { expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { heldEncoder } from './held-encoder.ts';
import { nextStarts, untilAllTracks, whatCame } from './media-ends.ts';
import { makeSegment } from './segment.ts';
import { type Command, endless, idle, quick, readyServer, sharedServers, twoServers } from './servers.ts';
import { fileStore } from './shared-stores.ts';
import { refusalOf, refused, resumeAt, ticketOf } from './tickets.ts';

const token = 'a-token-for-the-operator';
const admin = ['--server.admin_token', token];
const drainingMessage = 'The server is shutting down and accepts no new sessions; try again.';

async function postDrain(server: ServerProcess, authorization?: string): Promise<Response> {
  const headers = authorization === undefined ? {} : { authorization };
  return await fetch(`${server.url}/admin/drain`, { method: 'POST', headers });
}

/** How a server is told to drain. */
export const ways = {
  SIGTERM: async (server: ServerProcess) => server.signal('SIGTERM'),
  'POST /admin/drain': async (server: ServerProcess) => {
    const answer = await postDrain(server, `Bearer ${token}`);
    expect({ status: answer.status, body: await answer.json() }).toEqual({
      status: 202,
      body: { status: 'draining' },
    });
  },
};

type Drain = (server: ServerProcess) => Promise<void>;

/** What a drain does, whichever way it was asked for. */
export const drains = {
  'tells an idle session and ends with exit code 0': async (drain: Drain) => {
    await using server = await readyServer('serve', [...quick, ...admin]);
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'a red fox');
    await drain(server);
    await expectDrained(client);
    expect(await server.exited).toEqual({ code: 0, signal: null });
  },

  'lets a running segment end first; meanwhile the server is not ready and takes no session': async (
    drain: Drain,
  ) => {
    await using encoder = await heldEncoder();
    await using server = await readyServer('mock', [...quick, ...admin, ...encoder.args]);
    await using client = await ContractClient.open(server.url);
    await using late = await ContractClient.connect(server.url);
    client.prompt('a red fox');
    await client.until('ltx2_segment_start');
    await drain(server);
    await draining(server);
    const ready = await fetch(`${server.url}/readyz?strict`);
    expect(await ready.json()).toMatchObject({ status: 'warming', detail: 'The server is draining.' });
    expect(await (await fetch(`${server.url}/readyz`)).json()).toMatchObject({ status: 'warming' });
    late.send({ type: 'session_init_v2' });
    await late.close();
    expect(JSON.stringify(late.received)).toBe(refused(drainingMessage, true));
    await encoder.release();
    expect(await client.until('ltx2_segment_complete')).toMatchObject({ segment_idx: 0, frames: 12 });
    await expectDrained(client);
    expect(await server.exited).toEqual({ code: 0, signal: null });
  },

  'leaves the token good for another replica': async (drain: Drain) => {
    await using shared = await fileStore();
    const args = [...quick, ...admin, '--streaming.store', shared.url];
    await using servers = await twoServers('serve', args);
    const { one, other } = servers;
    await using before = await ContractClient.open(one.url);
    await makeSegment(before, 'a red fox');
    await drain(one);
    await expectDrained(before);
    await using after = await resumeAt(other.url, ticketOf(before), { nextIdx: 1, durationMs: 500 });
    const next = await makeSegment(after, 'a red fox');
    expect(next.mediaComplete).toMatchObject({ segment_idx: 1, pts_base_ms: 500 });
    expect(await one.exited).toEqual({ code: 0, signal: null });
  },

  'refuses sessions that wait; one that was resumed is good for its new token after a restart': async (
    drain: Drain,
  ) => {
    await using shared = await fileStore();
    const args = [...quick, ...admin, '--streaming.store', shared.url];
    await using server = await readyServer('serve', args);
    await using early = await ContractClient.open(server.url);
    await makeSegment(early, 'a red fox');
    early.socket.terminate();
    await early.close();
    await idle(server);

    await using bound = await ContractClient.open(server.url);
    await using resumed = await ContractClient.connect(server.url);
    resumed.send({ type: 'session_init_v2', resume: ticketOf(early) });
    const { resume_token: newToken } = await resumed.until('queue_status');
    await using fresh = await ContractClient.connect(server.url);
    fresh.send({ type: 'session_init_v2' });
    await fresh.until('queue_status');
    await drain(server);
    for (const client of [resumed, fresh]) {
      // The one behind moves up before its own end comes.
      expect(await client.until('error')).toMatchObject({ code: 'session_rejected', retryable: true });
      expect(await client.next()).toEqual({ kind: 'close', code: 1013, reason: 'session_rejected' });
    }
    await expectDrained(bound);
    expect(await server.exited).toEqual({ code: 0, signal: null });

    await using later = await readyServer('serve', args);
    expect(await refusalOf(later.url, ticketOf(early))).toBe(refused());
    const ticket = { ...ticketOf(early), resume_token: String(newToken) };
    await using client = await resumeAt(later.url, ticket, { nextIdx: 1, durationMs: 500 });
    await makeSegment(client, 'a red fox');
  },

  'refuses the resume of a session that still runs there, and leaves its token good': async (
    drain: Drain,
  ) => {
    await using shared = await fileStore();
    await using encoder = await heldEncoder();
    const args = [...quick, ...admin, ...encoder.args, '--streaming.store', shared.url];
    await using servers = await twoServers('mock', args);
    const { one, other } = servers;
    await using running = await ContractClient.open(one.url);
    await using late = await ContractClient.connect(one.url);
    running.prompt('a red fox');
    await running.until('ltx2_segment_start');
    const ticket = ticketOf(running);
    await drain(one);
    await draining(one);
    late.send({ type: 'session_init_v2', resume: ticket });
    await late.close();
    expect(JSON.stringify(late.received)).toBe(refused(drainingMessage, true));
    await encoder.release();
    await expectDrained(running);
    expect(running.frames('ltx2_segment_complete')).toHaveLength(1);
    await using client = await resumeAt(other.url, ticket, { nextIdx: 1, durationMs: 500 });
    await makeSegment(client, 'a red fox');
  },

  'cuts off a segment that does not end within server.drain_seconds, and the session goes on behind it':
    async (drain: Drain) => {
      await using shared = await fileStore();
      const args = [...endless, ...admin, '--streaming.store', shared.url];
      await using servers = await twoServers('serve', [...args, '--server.drain_seconds', '0.3']);
      const { one, other } = servers;
      await using before = await ContractClient.open(one.url);
      before.prompt('a long one');
      await untilAllTracks(before);
      await drain(one);
      await expectDrained(before);
      expect(before.frames('segment_cancelled')).toEqual([{ type: 'segment_cancelled', segment_idx: 0 }]);
      expect(await one.exited).toEqual({ code: 0, signal: null });

      const { ends, durationMs } = whatCame(before);
      await using after = await resumeAt(other.url, ticketOf(before), { nextIdx: 1, durationMs });
      after.prompt('another');
      expect(await nextStarts(after)).toEqual(ends);
    },

  'does not wait longer than that for a generator that gives nothing': async (drain: Drain) => {
    const args = [...quick, ...admin, '--mock.sleep_ms', '3600000', '--server.drain_seconds', '0.3'];
    await using server = await readyServer('mock', args);
    await using client = await ContractClient.open(server.url);
    client.prompt('never made');
    await client.until('ltx2_segment_start');
    await drain(server);
    await expectDrained(client);
    expect(client.frames('segment_cancelled')).toEqual([{ type: 'segment_cancelled', segment_idx: 0 }]);
    expect(await server.exited).toEqual({ code: 0, signal: null });
  },
};

/** For a `describe`. */
export function adminDrainTests(command: Command): void {
  const shared = sharedServers();

  it('does not exist without server.admin_token', async () => {
    const server = await shared(command, quick);
    for (const authorization of [undefined, 'Bearer ', `Bearer ${token}`]) {
      expect((await postDrain(server, authorization)).status).toBe(404);
    }
    expect((await fetch(`${server.url}/readyz?strict`)).status).toBe(200);
  });

  it('answers 401 to a missing and to a wrong token, and goes on', async () => {
    const server = await shared(command, [...quick, ...admin]);
    const wrong = [
      undefined,
      '',
      'Bearer ',
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
      `Basic ${token}`,
    ];
    for (const authorization of wrong) {
      const answer = await postDrain(server, authorization);
      expect({ authorization, status: answer.status }).toEqual({ authorization, status: 401 });
      expect(await answer.json()).toMatchObject({ code: 'unauthorized' });
    }
    expect((await fetch(`${server.url}/readyz?strict`)).status).toBe(200);
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'a red fox');
  });
}

async function draining(server: ServerProcess): Promise<void> {
  await waitFor('drain', async () => (await fetch(`${server.url}/readyz?strict`)).status === 503);
}

/** Told to come again, told where the stream ended, and closed. */
async function expectDrained(client: ContractClient): Promise<void> {
  expect(await client.close()).toEqual({ kind: 'close', code: 1001, reason: 'server_draining' });
  expect(client.frames('error')).toMatchObject([{ code: 'session_rejected', retryable: true }]);
  expect(client.received.at(-2)).toEqual({
    kind: 'frame',
    frame: { type: 'ltx2_stream_complete', reason: 'stop_requested' },
  });
}
