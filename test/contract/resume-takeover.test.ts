import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { decodedFrames } from './decoded.ts';
import { filmOf } from './film.ts';
import { nextStarts, whatCame } from './media-ends.ts';
import { makeSegment } from './segment.ts';
import { endless, idle, quick, quickFrames, readyServer } from './servers.ts';
import { describeSharedStores, type SharedStore } from './shared-stores.ts';
import { StreamRules } from './stream-rules.ts';
import { refusalOf, refused, resumeAt, type Ticket, ticketOf } from './tickets.ts';

const afterOne = { nextIdx: 1, durationMs: 500 };

describeSharedStores(
  (kind) => `two replicas of \`fastvideo serve\` that share ${kind}`,
  (makeStore) => {
    let store: SharedStore;
    let one: ServerProcess;
    let other: ServerProcess;
    beforeAll(async () => {
      store = await makeStore();
      const args = [...quick, '--streaming.store', store.url];
      [one, other] = await Promise.all([readyServer('serve', args), readyServer('serve', args)]);
    });
    afterEach(async () => {
      await Promise.all([idle(one), idle(other)]);
    });
    afterAll(async () => {
      await Promise.all([one.stop(), other.stop()]);
      await store.remove();
    });

    it('go on with each other’s sessions, one film over both', async () => {
      await using before = await ContractClient.open(one.url);
      const first = await makeSegment(before, 'a red fox');
      before.socket.terminate();
      await before.close();
      await written(before, 1);
      await using after = await resumeAt(other.url, ticketOf(before), afterOne);
      const second = await makeSegment(after, 'a red fox');
      expect(second.mediaComplete).toMatchObject({ segment_idx: 1, pts_base_ms: 500 });
      const frames = await decodedFrames(filmOf([first, second]));
      const times = frames.filter(({ track }) => track === 0).map(({ pts }) => pts);
      const step = (times[1] ?? 0) - (times[0] ?? 0);
      expect(times).toEqual(Array.from({ length: 2 * quickFrames }, (_frame, index) => index * step));
    });

    it('take a session over while its connection is open, which is told at its next change', async () => {
      await using old = await ContractClient.open(one.url);
      await makeSegment(old, 'a red fox');
      await written(old, 1);
      await using now = await resumeAt(other.url, ticketOf(old), afterOne);
      old.send({ type: 'loop_generation_updated', enabled: true });
      await expectTakenOver(old);
      const next = await makeSegment(now, 'a red fox');
      expect(next.mediaComplete).toMatchObject({ segment_idx: 1, pts_base_ms: 500 });
      // What the old connection changed came too late.
      now.send({ type: 'snapshot_state' });
      expect((await now.frame()).type).toBe('continuation_state_snapshot');
    });

    it('can hand a session back and forth', async () => {
      await using first = await ContractClient.open(one.url);
      await makeSegment(first, 'a red fox');
      await written(first, 1);
      await using second = await resumeAt(other.url, ticketOf(first), afterOne);
      await makeSegment(second, 'a red fox');
      await written(second, 2);
      first.send({ type: 'leave' });
      await first.close();
      await using third = await resumeAt(one.url, ticketOf(second), { nextIdx: 2, durationMs: 1000 });
      await makeSegment(third, 'a red fox');
      second.send({ type: 'generation_paused_updated', paused: true });
      await expectTakenOver(second);
      expect(await refusalOf(other.url, ticketOf(first))).toBe(refused());
      expect(await refusalOf(other.url, ticketOf(second))).toBe(refused());
    });

    it('have the last segment counted for a client that is back at once', async () => {
      let ticket: Ticket | undefined;
      for (let nextIdx = 0; nextIdx < 8; nextIdx += 1) {
        await using client = await (ticket
          ? resumeAt(one.url, ticket, { nextIdx, durationMs: nextIdx * 500 })
          : ContractClient.open(one.url));
        await makeSegment(client, 'a red fox');
        ticket = ticketOf(client);
      }
    });

    /** Another replica knows of a segment when its record has been written. */
    async function written(client: ContractClient, nextIdx: number): Promise<void> {
      const { session_id: id } = ticketOf(client);
      await waitFor('record', async () =>
        (await store.records()).some(({ record }) => record.id === id && record.next_segment_idx === nextIdx),
      );
    }
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

  it('cancels the running segment and goes on where what was sent of it ends', async () => {
    await using server = await readyServer('serve', endless);
    await using old = await ContractClient.open(server.url);
    old.prompt('a long one');
    for (let fragments = 0; fragments < 5; fragments += 1) await old.untilBinary();
    const ticket = ticketOf(old);
    await using now = await ContractClient.connect(server.url);
    now.send({ type: 'session_init_v2', resume: ticket });
    await expectTakenOver(old);
    expect(old.frames('segment_cancelled')).toEqual([{ type: 'segment_cancelled', segment_idx: 0 }]);
    const { ends, durationMs } = whatCame(old);
    now.socket.close();
    await now.close();
    await idle(server);

    await using later = await resumeAt(server.url, ticketOf(now), { nextIdx: 1, durationMs });
    later.prompt('another long one');
    expect(await nextStarts(later)).toEqual(ends);
  });
});

/** Told that the session goes on elsewhere, and closed. */
async function expectTakenOver(client: ContractClient): Promise<void> {
  expect(await client.close()).toEqual({ kind: 'close', code: 1000, reason: 'resumed_elsewhere' });
  expect(client.frames('error')).toMatchObject([{ code: 'session_rejected', retryable: false }]);
  expect(client.received.at(-2)).toEqual({
    kind: 'frame',
    frame: { type: 'ltx2_stream_complete', reason: 'stop_requested' },
  });
}
