import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { Session } from '../../../src/client/session.ts';
import type { SegmentEvent } from '../../../src/client/session-event.ts';
import type { SessionOptions } from '../../../src/client/session-options.ts';
import { eventually } from '../../support/wait-for.ts';
import { opened, segmentOf, start } from './scripted-frames.ts';
import { type Peer, ScriptedServer } from './scripted-server.ts';

function sessionAt(url: string, options: Partial<SessionOptions> = {}): Session {
  const reconnect = { firstDelayMs: 1, longestDelayMs: 1, attempts: 3 };
  const session = new Session({ url, webSocket: WebSocket, askStatus: false, reconnect, ...options });
  onTestFinished(() => session.close());
  return session;
}

async function openedPeer(server: ScriptedServer): Promise<Peer> {
  const peer = await server.accept();
  await peer.receive();
  peer.send(...opened('one', 'secret'));
  return peer;
}

/** What is read, in words; the error, if one is thrown, last. */
async function read(events: AsyncIterable<SegmentEvent>): Promise<string[]> {
  const seen: string[] = [];
  try {
    for await (const event of events) {
      const bytes = 'data' in event ? ` ${Buffer.from(event.data).toString()}` : '';
      seen.push(`${event.type}${bytes}`);
    }
  } catch (error) {
    seen.push(error instanceof Error && 'code' in error ? String(error.code) : String(error));
  }
  return seen;
}

test('a segment is read as its events and bytes, also several at once, each by its own reader', async () => {
  await using server = await ScriptedServer.start();
  const session = sessionAt(server.url);
  const reading = Promise.all([
    read(session.generate('a')),
    read(session.generate({ prompt: 'b', seed: 7 })),
  ]);
  const peer = await openedPeer(server);
  expect(await peer.receive()).toMatchObject({ prompt: 'a' });
  peer.send(start(0, 'a'));
  expect(await peer.receive()).toMatchObject({ prompt: 'b', seed: 7 });
  peer.send(...segmentOf(0, 'A'), start(1, 'b'), ...segmentOf(1, 'B'));
  expect(await reading).toEqual([
    ['start', 'step', 'init I', 'media A', 'end'],
    ['start', 'step', 'init I', 'media B', 'end'],
  ]);
});

test('other words go to the running segment, and its reader is told the frame', async () => {
  await using server = await ScriptedServer.start();
  const session = sessionAt(server.url);
  expect(session.steer('nothing is made')).toBe(false);
  const reading = read(session.generate('a'));
  const peer = await openedPeer(server);
  await peer.receive();
  peer.send(start(0, 'a'));
  await eventually(() => expect(session.segments[0]?.state).toBe('running'));
  expect(session.steer('b', { transitionMs: 300 })).toBe(true);
  expect(await peer.receive()).toEqual({
    type: 'prompt_update',
    prompt: 'b',
    segment_idx: 0,
    transition_ms: 300,
  });
  peer.send({ type: 'prompt_updated', segment_idx: 0, at_frame: 7, prompt: 'b' }, ...segmentOf(0, 'A'));
  expect(await reading).toEqual(['start', 'steered', 'step', 'init I', 'media A', 'end']);
});

test('a connection that breaks before the media is not seen', async () => {
  await using server = await ScriptedServer.start();
  const reading = read(sessionAt(server.url).generate('a'));
  const first = await openedPeer(server);
  await first.receive();
  first.cut();
  const second = await openedPeer(server);
  await second.receive();
  // Of the resumed session.
  await second.receive();
  second.send(start(0, 'a'), ...segmentOf(0, 'A'));
  expect(await reading).toEqual(['start', 'step', 'init I', 'media A', 'end']);
});

test('one that breaks in the middle of the media is an error that can be tried again', async () => {
  await using server = await ScriptedServer.start();
  const session = sessionAt(server.url);
  const reading = read(session.generate('a'));
  const peer = await openedPeer(server);
  await peer.receive();
  peer.send(start(0, 'a'), ...segmentOf(0, 'A').slice(0, 4));
  await eventually(() => expect(session.segments[0]?.firstFrameMs).toBeDefined());
  peer.cut();
  expect(await reading).toEqual(['start', 'step', 'init I', 'media A', 'connection_lost']);
});

test('what the server refuses is thrown with its code', async () => {
  await using server = await ScriptedServer.start();
  const reading = read(sessionAt(server.url).generate('a'));
  const peer = await openedPeer(server);
  await peer.receive();
  peer.send({ type: 'error', code: 'prompt_blocked', message: 'It was blocked.', retryable: false });
  expect(await reading).toEqual(['prompt_blocked']);
});

test('aborting cancels the segment and throws the reason; one that waits is not sent', async () => {
  await using server = await ScriptedServer.start();
  const session = sessionAt(server.url);
  const stop = new AbortController();
  const { signal } = stop;
  const reading = Promise.all([
    read(session.generate('a', { signal })),
    read(session.generate('b')),
    read(session.generate('c', { signal })),
  ]);
  const peer = await openedPeer(server);
  await peer.receive();
  peer.send(start(0, 'a'));
  expect(await peer.receive()).toMatchObject({ prompt: 'b' });
  stop.abort('enough');
  expect(await peer.receive()).toEqual({ type: 'cancel_segment' });
  peer.send({ type: 'segment_cancelled', segment_idx: 0 }, start(1, 'b'), ...segmentOf(1, 'B'));
  expect(await reading).toEqual([
    ['start', 'enough'],
    ['start', 'step', 'init I', 'media B', 'end'],
    ['enough'],
  ]);
  expect(session.segments.map(({ request, state }) => `${request.prompt} ${state}`)).toEqual([
    'a cancelled',
    'b done',
  ]);
});

test('to stop reading cancels the segment; one that waits in the server is cancelled as it begins', async () => {
  await using server = await ScriptedServer.start();
  const session = sessionAt(server.url);
  const first = session.generate('a');
  const second = session.generate('b');
  const peer = await openedPeer(server);
  await peer.receive();
  peer.send(start(0, 'a'));
  await peer.receive();
  await second.return?.();
  await first.return?.();
  expect(await peer.receive()).toEqual({ type: 'cancel_segment' });
  peer.send({ type: 'segment_cancelled', segment_idx: 0 }, start(1, 'b'));
  expect(await peer.receive()).toEqual({ type: 'cancel_segment' });
});

test('who waits is told when nobody can be reached, and the prompt is not kept', async () => {
  const gone = await ScriptedServer.start();
  const { url } = gone;
  await gone[Symbol.asyncDispose]();
  const session = sessionAt(url);
  expect(await read(session.generate('a'))).toEqual(['connection_failed']);
  expect(session.segments).toEqual([]);
});

test('who waits is told when the session is closed', async () => {
  await using server = await ScriptedServer.start();
  const session = sessionAt(server.url);
  const reading = Promise.all([read(session.generate('a')), read(session.generate('b'))]);
  const peer = await openedPeer(server);
  await peer.receive();
  const closing = session.close();
  expect(await peer.receive()).toEqual({ type: 'leave' });
  peer.close(1000);
  await closing;
  expect(await reading).toEqual([['cancelled'], ['cancelled']]);
});

test('a snapshot is the answer to its question, or the error about it', async () => {
  await using server = await ScriptedServer.start();
  const session = sessionAt(server.url);
  await expect(session.snapshot()).rejects.toMatchObject({ code: 'not_connected' });
  session.connect();
  const peer = await openedPeer(server);
  await eventually(() => expect(session.status.phase).toBe('active'));
  const state = { kind: 'mock', payload: {} };
  const asked = session.snapshot();
  expect(await peer.receive()).toEqual({ type: 'snapshot_state' });
  peer.send({ type: 'continuation_state_snapshot', state });
  expect(await asked).toEqual(state);
  const refused = session.snapshot();
  const about = { message: 'snapshot_state' };
  peer.send({ type: 'error', code: 'internal_error', message: 'None yet.', retryable: false, about });
  await expect(refused).rejects.toMatchObject({ code: 'internal_error', about });
});
