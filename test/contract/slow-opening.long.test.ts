import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readyRouter } from '../router/router-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { type SlowLine, slowLine } from '../support/slow-line.ts';
import { ContractClient } from './client.ts';
import { ProjectClient } from './project/project-client.ts';
import { quick, readyServer } from './servers.ts';

// The handshake is one piece or two, the opening more than three seconds of them.
const line = { pieceBytes: 1000, pauseMs: 100 };
const init = { type: 'session_init_v2', padding: 'x'.repeat(32_000) };
const limits = ['--streaming.init_timeout_seconds', '2'];

describe('a first message that comes slowly', () => {
  let replica: ServerProcess;
  let router: ServerProcess;
  let lines: { direct: SlowLine; routed: SlowLine };
  beforeAll(async () => {
    replica = await readyServer('mock', [...quick, ...limits]);
    router = await readyRouter([replica.url], { init_timeout_seconds: 2 });
    lines = { direct: await slowLine(replica.url, line), routed: await slowLine(router.url, line) };
  });
  afterAll(async () => {
    await lines?.direct[Symbol.asyncDispose]();
    await lines?.routed[Symbol.asyncDispose]();
    await router?.stop();
    await replica?.stop();
  });

  it.each(['direct', 'routed'] as const)('opens a session of the native dialect (%s)', async (way) => {
    await using client = await ContractClient.connect(lines[way].url);
    client.send(init);
    expect(await client.until('gpu_assigned')).toMatchObject({ type: 'gpu_assigned' });
  });

  // One that was taken for silent has no prompts.
  it.each(['direct', 'routed'] as const)('opens the project that it says (%s)', async (way) => {
    await using client = await ProjectClient.connect(lines[way].url);
    client.send({ ...init, curated_prompts: ['a fox'] });
    expect(await client.until('ltx2_stream_start')).toMatchObject({ total_segments: 1 });
  });
});

describe('a first message that takes too long', () => {
  const total = ['--streaming.init_timeout_seconds', '1', '--streaming.init_total_seconds', '3'];
  const tooLong = { ...init, padding: 'x'.repeat(8000) };

  it('is refused in both dialects', async () => {
    await using server = await readyServer('mock', [...quick, ...total]);
    await using slow = await slowLine(server.url, { ...line, pieceBytes: 200 });
    for (const kind of [ContractClient, ProjectClient]) {
      await using client = await kind.connect(slow.url);
      client.send(tooLong);
      const { message, about } = await client.until('error');
      // On /ws the message is for people.
      if (kind === ContractClient) expect(message).toMatch(/longer than 3 s/);
      else {
        expect(message).toMatch(/the connection is slow/);
        expect(about).toMatchObject({ detail: expect.stringMatching(/longer than 3 s/) });
      }
      expect(await client.next()).toMatchObject({ code: 1003, reason: 'invalid_init' });
    }
  });

  it('is refused by the router', async () => {
    await using replica = await readyServer('mock', quick);
    await using router = await readyRouter([replica.url], {
      init_timeout_seconds: 1,
      init_total_seconds: 3,
    });
    await using slow = await slowLine(router.url, { ...line, pieceBytes: 200 });
    await using client = await ContractClient.connect(slow.url);
    client.send(tooLong);
    expect((await client.until('error'))['message']).toMatch(/longer than 3 s/);
    expect(await client.next()).toMatchObject({ code: 1003, reason: 'invalid_init' });
  });
});
