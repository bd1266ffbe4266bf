import { describe, expect, it } from 'vitest';
import { ContractClient } from './client.ts';
import { expectTakenOver, takeoverInSegmentTest, takeoverTests } from './resume-takeover-tests.ts';
import { makeSegment } from './segment.ts';
import { idle, quick, readyServer } from './servers.ts';
import { describeSharedStores } from './shared-stores.ts';
import { StreamRules } from './stream-rules.ts';
import { resumeAt, type Ticket, ticketOf } from './tickets.ts';

const afterOne = { nextIdx: 1, durationMs: 500 };

describeSharedStores(
  (kind) => `two replicas of \`fastvideo serve\` that share ${kind}`,
  (makeStore) => {
    takeoverTests('serve', makeStore);

    it('have the last segment counted for a client that is back at once', async () => {
      await using store = await makeStore();
      await using server = await readyServer('serve', [...quick, '--streaming.store', store.url]);
      let ticket: Ticket | undefined;
      for (let nextIdx = 0; nextIdx < 8; nextIdx += 1) {
        await using client = await (ticket
          ? resumeAt(server.url, ticket, { nextIdx, durationMs: nextIdx * 500 })
          : ContractClient.open(server.url));
        await makeSegment(client, 'a red fox');
        ticket = ticketOf(client);
      }
    });
  },
);

describe('a replica of `fastvideo serve` that is shown the token of a session that it serves', () => {
  it('ends the old connection at once, also at the session limit, and goes on with the new one', async () => {
    await using server = await readyServer('serve', [...quick, '--streaming.max_sessions', '1']);
    await using old = await ContractClient.open(server.url);
    await makeSegment(old, 'a red fox');
    await using now = await resumeAt(server.url, ticketOf(old), afterOne);
    await expectTakenOver(old);
    const next = await makeSegment(now, 'a red fox');
    expect(next.mediaComplete).toMatchObject({ segment_idx: 1, pts_base_ms: 500 });
  });

  it('hands on a resumed session that still waits, with the token of its queue_status', async () => {
    await using server = await readyServer('serve', quick);
    await using early = await ContractClient.open(server.url);
    await makeSegment(early, 'a red fox');
    early.socket.terminate();
    await early.close();
    await idle(server);
    await using bound = await ContractClient.open(server.url);

    await using old = await ContractClient.connect(server.url);
    old.send({ type: 'session_init_v2', resume: ticketOf(early) });
    const { resume_token: token } = await old.until('queue_status');
    await using now = await ContractClient.connect(server.url, { rules: new StreamRules(afterOne) });
    const resume = { ...ticketOf(early), resume_token: token };
    now.send({ type: 'session_init_v2', resume });
    expect(await now.until('queue_status')).toMatchObject({ position: 1 });
    expect(await old.frame()).toMatchObject({ type: 'error', code: 'session_rejected', retryable: false });
    expect(await old.next()).toEqual({ kind: 'close', code: 1000, reason: 'resumed_elsewhere' });
    bound.send({ type: 'leave' });
    await now.until('ltx2_stream_start');
    await makeSegment(now, 'a red fox');
  });

  takeoverInSegmentTest('serve');
});
