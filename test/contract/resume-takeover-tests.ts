import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { decodedFrames } from './decoded.ts';
import { filmOf } from './film.ts';
import { nextStarts, untilAllTracks, whatCame } from './media-ends.ts';
import { makeSegment } from './segment.ts';
import { type Command, endless, idle, quick, quickFrames, readyServer } from './servers.ts';
import type { SharedStore } from './shared-stores.ts';
import { refusalOf, refused, resumeAt, ticketOf } from './tickets.ts';

const afterOne = { nextIdx: 1, durationMs: 500 };

/** For a `describe`. */
export function takeoverTests(command: Command, makeStore: () => Promise<SharedStore>): void {
  let store: SharedStore;
  let one: ServerProcess;
  let other: ServerProcess;
  beforeAll(async () => {
    store = await makeStore();
    const args = [...quick, '--streaming.store', store.url];
    [one, other] = await Promise.all([readyServer(command, args), readyServer(command, args)]);
  });
  afterEach(async () => {
    await Promise.all([idle(one), idle(other)]);
  });
  afterAll(async () => {
    await Promise.all([one.stop(), other.stop()]);
    await store[Symbol.asyncDispose]();
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

  /** Another replica knows of a segment when its record has been written. */
  async function written(client: ContractClient, nextIdx: number): Promise<void> {
    const { session_id: id } = ticketOf(client);
    await waitFor('record', async () =>
      (await store.records()).some(({ record }) => record.id === id && record.next_segment_idx === nextIdx),
    );
  }
}

/** For a `describe`. */
export function takeoverInSegmentTest(command: Command): void {
  it('cancels the running segment and goes on where what was sent of it ends', async () => {
    await using server = await readyServer(command, endless);
    await using old = await ContractClient.open(server.url);
    old.prompt('a long one');
    await untilAllTracks(old);
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
}

/** Told that the session goes on elsewhere, and closed. */
export async function expectTakenOver(client: ContractClient): Promise<void> {
  expect(await client.close()).toEqual({ kind: 'close', code: 1000, reason: 'resumed_elsewhere' });
  expect(client.frames('error')).toMatchObject([{ code: 'session_rejected', retryable: false }]);
  expect(client.received.at(-2)).toEqual({
    kind: 'frame',
    frame: { type: 'ltx2_stream_complete', reason: 'stop_requested' },
  });
}
