import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { waitFor } from '../../support/wait-for.ts';
import { fakeReplica, reject, routerFor } from '../relay/fake-replica.ts';
import { RawClient } from '../relay/raw-client.ts';
import {
  assigned,
  checkpoint,
  dies,
  firstReplica,
  freezing,
  init,
  media,
  mediaEnd,
  mediaInit,
  nextReplica,
  open,
  play,
  say,
  scripted,
  segmentEnd,
  segmentStart,
  streamStart,
  transparent,
} from './scripted-replica.ts';

const wholeSegment = [
  'queue_status',
  'gpu_assigned',
  'ltx2_stream_start',
  'ltx2_segment_start',
  'media_init',
  'step_complete',
  'media_init',
  'media_segment_complete',
  'ltx2_segment_complete',
];

describe('a session whose replica goes away in the middle of a segment', () => {
  it.each([
    ['is killed', (socket: WebSocket) => setImmediate(() => socket.terminate())],
    ['drains', (socket: WebSocket) => socket.close(1001, 'server_draining')],
    ['restarts', (socket: WebSocket) => socket.close(1012)],
  ])('goes on on another one: it %s', async (_, goAway) => {
    await using first = await firstReplica(goAway);
    await using second = await nextReplica();
    await using router = await routerFor([first, second], transparent);
    await using client = await play(router.url);
    await waitFor('end of the segment', () => client.types().includes('ltx2_segment_complete'));
    expect(client.types()).toEqual(wholeSegment);
    const binary = client.received.filter((one) => Buffer.isBuffer(one)).map(String);
    expect(binary).toEqual(['the init segment', 'first part', 'the init segment', 'second part']);
    expect(first.got[0]).toEqual({
      type: 'session_init_v2',
      client_id: 'c',
      resume: null,
      checkpoints: true,
    });
    expect(second.got).toEqual([
      {
        type: 'session_init_v2',
        client_id: 'c',
        checkpoints: true,
        resume: null,
        continuation_state: null,
        checkpoint: { n: 1, current: { segment_idx: 0 }, state: null },
        already_sent: {
          segment_idx: 0,
          started: true,
          steps: 3,
          init: true,
          chunks: 1,
          bytes: 10,
          frames: 0,
          audio_end: null,
          media_complete: false,
        },
      },
    ]);
    expect(await router.metrics()).toContain('fastvideo_router_failovers_total{result="moved"} 1');
  });

  it('is asked for a sign of life when its replica fails its probes, and moved when it gives none', async () => {
    let frozen = false;
    await using first = await firstReplica(() => undefined, { answersProbes: () => !frozen });
    await using second = await nextReplica();
    await using router = await routerFor([first, second], freezing);
    await using client = await play(router.url);
    await waitFor('first part', () => client.received.some((one) => String(one) === 'first part'));
    frozen = true;
    first.socket().pause();
    await waitFor('end of the segment', () => client.types().includes('ltx2_segment_complete'));
    expect(client.types()).toEqual(wholeSegment);
  });

  it('is sent what its client said meanwhile, and what the lost replica did not get to', async () => {
    await using first = await scripted((socket, number) => {
      if (number === 0) open(socket, 'one');
      if (number !== 4) return;
      say(socket, checkpoint({ n: 4 }, { frames: 0, seen: 3, pending: [2] }));
      setImmediate(() => socket.terminate());
    });
    await using second = await scripted((socket, number) => {
      // Not before the client has spoken.
      if (number === 0) void waitForLater.then(() => open(socket, 'two'));
    });
    let saidLater: () => void = () => undefined;
    const waitForLater = new Promise<void>((resolve) => {
      saidLater = resolve;
    });
    await using router = await routerFor([first, second], transparent);
    await using client = await RawClient.connect(router.url, { first: init });
    await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
    for (const type of ['a', 'b', 'c', 'd']) client.socket.send(JSON.stringify({ type }));
    await waitFor('move', () => second.got.length === 1);
    client.socket.send(JSON.stringify({ type: 'later' }));
    saidLater();
    await waitFor('the rest', () => second.got.length === 4);
    expect(second.got.slice(1)).toEqual([{ type: 'b' }, { type: 'd' }, { type: 'later' }]);
  });

  it('goes on where the last whole step was, when the frames that tell of the next one were lost', async () => {
    await using first = await firstReplica((socket) => {
      say(socket, media('last part'), mediaEnd, checkpoint({ n: 2, current: null }, { seen: 1 }));
      setImmediate(() => socket.terminate());
    });
    await using second = await nextReplica();
    await using router = await routerFor([first, second], transparent);
    await using _client = await play(router.url);
    await waitFor('move', () => second.got.length === 1);
    expect(second.got[0]).toMatchObject({
      checkpoint: { n: 1, current: { segment_idx: 0 } },
      already_sent: { segment_idx: 0, chunks: 2, media_complete: true },
    });
  });

  it('is told once of the media that comes next, when the initialization segment did not come', async () => {
    await using first = await scripted((socket, number) => {
      if (number === 0) open(socket, 'one');
      if (number !== 1) return;
      const current = { n: 1, current: { segment_idx: 0 } };
      say(socket, checkpoint(current, { seen: 1 }), segmentStart, mediaInit);
      setImmediate(() => socket.terminate());
    });
    await using second = await nextReplica();
    await using router = await routerFor([first, second], transparent);
    await using client = await play(router.url);
    await waitFor('end of the segment', () => client.types().includes('ltx2_segment_complete'));
    expect(client.types().filter((type) => type === 'media_init')).toHaveLength(1);
    expect(second.got[0]).toMatchObject({ already_sent: { started: true, init: false } });
  });

  it('is told nothing of a step whose frames did not all come', async () => {
    const received = { type: 'prompt_enhancing', segment_idx: 1, prompt: 'a fox', source: 'user' };
    await using first = await firstReplica((socket) => {
      say(socket, media('last part'), mediaEnd, checkpoint({ n: 2 }, { seen: 1, frames: 2 }), received);
      setImmediate(() => socket.terminate());
    });
    await using second = await nextReplica();
    await using router = await routerFor([first, second], transparent);
    await using client = await play(router.url);
    await waitFor('end of the segment', () => client.types().includes('ltx2_segment_complete'));
    expect(second.got[0]).toMatchObject({ checkpoint: { n: 1 } });
    expect(client.types()).not.toContain('prompt_enhancing');
  });

  it('has nothing sent of a segment that was told to its end', async () => {
    await using first = await firstReplica((socket) => {
      say(socket, media('last part'), mediaEnd, checkpoint({ n: 2, current: null }, { seen: 1 }), segmentEnd);
      setImmediate(() => socket.terminate());
    });
    await using second = await scripted((socket, number) => number === 0 && open(socket, 'two'));
    await using router = await routerFor([first, second], transparent);
    await using _client = await play(router.url);
    await waitFor('move', () => second.got.length === 1);
    expect(second.got[0]).toMatchObject({ already_sent: null, checkpoint: { n: 2, current: null } });
  });
});

describe('a session that cannot be moved', () => {
  it('ends with worker_failed and 1011 when no replica takes it in time', async () => {
    await using first = await firstReplica((socket) => setImmediate(() => socket.terminate()));
    await using second = await fakeReplica({
      serve: (socket) => socket.once('message', () => reject(socket)),
    });
    await using router = await routerFor([first, second], { ...transparent, failover_seconds: 0 });
    await using client = await play(router.url);
    // The first one would let it in again.
    await first[Symbol.asyncDispose]();
    expect(await client.closed()).toEqual({ code: 1011, reason: 'replica_lost' });
    expect(client.types().at(-1)).toBe('error');
    expect(await router.metrics()).toContain('fastvideo_router_failovers_total{result="failed"} 1');
  });

  it('does so when the next replica does not understand it', async () => {
    await using first = await firstReplica((socket) => setImmediate(() => socket.terminate()));
    await using second = await fakeReplica({
      serve: (socket) =>
        socket.once('message', () => {
          say(socket, { type: 'error', code: 'invalid_message', message: 'No.', retryable: false });
          socket.close(1003, 'invalid_init');
        }),
    });
    await using router = await routerFor([first, second], transparent);
    await using client = await play(router.url);
    expect(await client.closed()).toEqual({ code: 1011, reason: 'replica_lost' });
    const errors = client.received.map(String).filter((one) => one.includes('"error"'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('worker_failed');
  });

  it.each([
    ['with failover "error"', { ...transparent, failover: 'error' }],
    ['when its state is larger than may be kept', { ...transparent, failover_bytes: 1024 }],
  ])('ends at once %s', async (_, settings) => {
    await using first = await scripted((socket, number) => {
      if (number !== 0) return;
      say(socket, checkpoint({ state: 'x'.repeat(2000) }), assigned('one'), streamStart);
      dies(socket);
    });
    await using second = await nextReplica();
    await using router = await routerFor([first, second], settings);
    await using client = await RawClient.connect(router.url, { first: init });
    expect(await client.closed()).toEqual({ code: 1011, reason: 'replica_lost' });
    expect(second.got).toEqual([]);
  });

  it('because its replica tells nothing ends at once', async () => {
    await using first = await scripted((socket) => {
      say(socket, assigned('one'), streamStart);
      dies(socket);
    });
    await using second = await nextReplica();
    await using router = await routerFor([first, second], transparent);
    await using client = await RawClient.connect(router.url, { first: init });
    expect(await client.closed()).toEqual({ code: 1011, reason: 'replica_lost' });
    expect(second.got).toEqual([]);
  });

  it('because its client was told the end is closed as a session that has ended', async () => {
    await using first = await scripted((socket) => {
      open(socket, 'one');
      say(socket, { type: 'ltx2_stream_complete', reason: 'segment_cap' });
      dies(socket);
    });
    await using second = await nextReplica();
    await using router = await routerFor([first, second], transparent);
    await using client = await RawClient.connect(router.url, { first: init });
    expect(await client.closed()).toEqual({ code: 1000, reason: '' });
    expect(second.got).toEqual([]);
  });
});

describe('a client that comes back to a session that was moved', () => {
  it('is sent to where it is, under the name that it has there', async () => {
    await using first = await firstReplica((socket) => setImmediate(() => socket.terminate()));
    await using second = await nextReplica();
    await using router = await routerFor([first, second], transparent);
    {
      await using client = await play(router.url);
      await waitFor('end of the segment', () => client.types().includes('ltx2_segment_complete'));
    }
    const resume = { session_id: 'one', resume_token: 'token of one' };
    await using _back = await RawClient.connect(router.url, {
      first: JSON.stringify({ type: 'session_init_v2', resume }),
    });
    await waitFor('resume', () => second.got.length === 2);
    expect(second.got[1]).toMatchObject({ resume: { session_id: 'two', resume_token: 'token of two' } });
    await using _thief = await RawClient.connect(router.url, {
      first: JSON.stringify({ type: 'session_init_v2', resume: { ...resume, resume_token: 'a guess' } }),
    });
    await waitFor('guess', () => second.got.length === 3);
    expect(second.got[2]).toMatchObject({ resume: { session_id: 'one', resume_token: 'a guess' } });
  });
});
