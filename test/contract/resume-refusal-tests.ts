import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { makeSegment } from './segment.ts';
import { type Command, idle, quick, readyServer, type Shared } from './servers.ts';
import type { SharedStore } from './shared-stores.ts';
import { refusalOf, refused, resumeAt, type Ticket, ticketOf } from './tickets.ts';

const afterOne = { nextIdx: 1, durationMs: 500 };

/** The ticket of a session with one segment whose client has gone. */
async function leftBehind(server: ServerProcess): Promise<Ticket> {
  await using client = await ContractClient.open(server.url);
  await makeSegment(client, 'a red fox');
  return ticketOf(client);
}

export function refusalTests(shared: Shared, command: Command): void {
  describe(`\`fastvideo ${command}\` that cannot give a session back`, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, quick);
    });
    afterEach(async () => idle(server));

    it('answers every wrong ticket with the very same frame and close', async () => {
      const one = await leftBehind(server);
      await idle(server);
      const other = await leftBehind(server);
      await idle(server);
      const answers = [
        await refusalOf(server.url, { ...one, resume_token: 'wrong' }),
        await refusalOf(server.url, { ...one, resume_token: other.resume_token }),
        await refusalOf(server.url, { ...one, session_id: other.session_id }),
        await refusalOf(server.url, { ...one, session_id: 'unknown' }),
        await refusalOf(server.url, { session_id: '../../etc', resume_token: '\n' }),
      ];
      let newer: Ticket;
      {
        await using client = await resumeAt(server.url, one, afterOne);
        newer = ticketOf(client);
        // Used, and the session is connected.
        answers.push(await refusalOf(server.url, one));
        answers.push(await refusalOf(server.url, { ...newer, resume_token: 'wrong' }));
        await makeSegment(client, 'a red fox');
      }
      await idle(server);
      // Used, and the session waits for its newer token.
      answers.push(await refusalOf(server.url, one));
      expect(new Set(answers)).toEqual(new Set([refused()]));
      {
        await using client = await resumeAt(server.url, newer, { nextIdx: 2, durationMs: 1000 });
        await makeSegment(client, 'a red fox');
        client.send({ type: 'leave' });
        await client.close();
      }
      await idle(server);
      // The session has ended, and the tickets that were shown wrongly are still good.
      expect(await refusalOf(server.url, newer)).toBe(refused());
      await using client = await resumeAt(server.url, other, afterOne);
      await makeSegment(client, 'a red fox');
    });
  });

  describe(`the session limit of \`fastvideo ${command}\``, () => {
    it('refuses a resume too, and leaves its token good', async () => {
      const server = await shared(command, [...quick, '--streaming.max_sessions', '1']);
      const ticket = await leftBehind(server);
      await idle(server);
      await using second = await ContractClient.open(server.url);
      const limit = refused('The server has reached its limit of 1 sessions.');
      expect(await refusalOf(server.url, ticket)).toBe(limit);
      expect(await refusalOf(server.url, { ...ticket, resume_token: 'wrong' })).toBe(limit);
      second.send({ type: 'leave' });
      await second.close();
      await idle(server);
      await using client = await resumeAt(server.url, ticket, afterOne);
      await makeSegment(client, 'a red fox');
    });
  });

  describe(`\`fastvideo ${command}\` with streaming.resume_ttl_seconds 0`, () => {
    it('gives no token and keeps nothing', async () => {
      const server = await shared(command, [...quick, '--streaming.resume_ttl_seconds', '0']);
      await using client = await ContractClient.open(server.url);
      await makeSegment(client, 'a red fox');
      const [assigned] = client.frames('gpu_assigned');
      expect(assigned).not.toHaveProperty('resume_token');
      client.socket.terminate();
      await client.close();
      await idle(server);
      const resume = { session_id: assigned?.['session_id'], resume_token: 'any' };
      expect(await refusalOf(server.url, resume)).toBe(refused());
    });
  });
}

/** For a `describe`. */
export function raceTest(shared: Shared, replicas: number, makeStore: () => Promise<SharedStore>): void {
  let store: SharedStore;
  let servers: ServerProcess[] = [];
  beforeAll(async () => {
    store = await makeStore();
    const kept = store.url === 'memory:' ? [] : ['--streaming.store', store.url];
    // One with other arguments is another process.
    const place = (index: number) => (index === 0 ? [] : ['--server.output_dir', `of-${index}`]);
    servers = await Promise.all(
      Array.from({ length: replicas }, (_, index) => shared('mock', [...quick, ...kept, ...place(index)])),
    );
  });
  afterAll(() => store[Symbol.asyncDispose]());

  it('give a session to exactly one of a hundred that show its token at once', async () => {
    const [first] = servers;
    if (first === undefined) throw new Error('No server.');
    const resume = await leftBehind(first);
    await idle(first);
    const connecting = Array.from({ length: 100 }, (_client, index) =>
      ContractClient.connect(servers[index % servers.length]?.url ?? first.url),
    );
    const clients = await Promise.all(connecting);
    for (const client of clients) client.send({ type: 'session_init_v2', resume });
    const answers = await Promise.all(
      clients.map(async (client) => ({ client, type: (await client.frame()).type })),
    );
    const winners = answers.filter(({ type }) => type !== 'error');
    for (const { client } of answers.filter(({ type }) => type === 'error')) {
      await client.close();
      expect(JSON.stringify(client.received)).toBe(refused());
    }
    expect(winners).toHaveLength(1);
    await winners[0]?.client.until('ltx2_stream_start');
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  });
}

/** For a `describe`. */
export function timeToLiveTests(makeStore: () => Promise<SharedStore>): void {
  let store: SharedStore;
  beforeAll(async () => {
    store = await makeStore();
  });
  afterAll(() => store[Symbol.asyncDispose]());

  it('is the time after which a session whose client has gone cannot be resumed', async () => {
    const args = [...quick, '--streaming.resume_ttl_seconds', '1', '--streaming.store', store.url];
    await using server = await readyServer('mock', args);
    const ticket = await leftBehind(server);
    await idle(server);
    await waitFor('end of the record', async () => (await store.records()).length === 0);
    expect(await refusalOf(server.url, ticket)).toBe(refused());
  });

  it('does not run while the client is there, and begins when it goes', async () => {
    const args = [...quick, '--streaming.resume_ttl_seconds', '3', '--streaming.store', store.url];
    await using server = await readyServer('mock', args);
    await using client = await ContractClient.open(server.url);
    // None for a moment where a machine is so slow that the record ends before it is written anew.
    const end = async () => {
      const records = await store.records();
      return records.find(({ record: { id } }) => id === ticketOf(client).session_id)?.expiresAt ?? 0;
    };
    await waitFor('record', async () => (await end()) > 0);
    const first = await end();
    await waitFor('end of the first time', async () => Date.now() > first && (await end()) > first);
    const alive = await end();
    client.socket.terminate();
    await client.close();
    await idle(server);
    // The server is idle a moment before the record is written.
    await waitFor('a later end', async () => (await end()) > alive);
  });
}
