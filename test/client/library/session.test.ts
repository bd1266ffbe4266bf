import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { FastVideoError } from '../../../src/client/errors.ts';
import { Session } from '../../../src/client/session.ts';
import type { SessionOptions } from '../../../src/client/session-options.ts';
import { eventually } from '../../support/wait-for.ts';
import { ended, opened, segmentOf, start } from './scripted-frames.ts';
import { type Peer, ScriptedServer } from './scripted-server.ts';

function recordedSession(url: string, options: Partial<SessionOptions> = {}) {
  const errors: FastVideoError[] = [];
  const refusedPrompts: string[] = [];
  const sessions: string[] = [];
  const delays: number[] = [];
  const ends: string[] = [];
  const session = new Session({
    url,
    webSocket: WebSocket,
    askStatus: false,
    reconnect: { firstDelayMs: 1, longestDelayMs: 4 },
    ...options,
  });
  session.subscribe((event) => {
    if (event.type === 'session') sessions.push(event.how);
    if (event.type === 'status' && event.status.retry) delays.push(event.status.retry.delayMs);
    if (event.type === 'ended') ends.push(event.error ? `${event.why}: ${event.error.message}` : event.why);
    if (event.type !== 'error') return;
    errors.push(event.error);
    if (event.refused) refusedPrompts.push(event.refused.prompt);
  });
  onTestFinished(() => session.close());
  const states = () => session.segments.map(({ request, state }) => `${request.prompt} ${state}`);
  return { session, errors, refusedPrompts, states, sessions, delays, ends };
}

const init = { type: 'session_init_v2', stream_mode: 'av_fmp4', final_state: true };

const user = (prompt: string) => ({ prompt, source: 'user' }) as const;

async function openedPeer(server: ScriptedServer, id: string, token?: string): Promise<Peer> {
  const peer = await server.accept();
  await peer.receive();
  peer.send(...opened(id, token));
  return peer;
}

test('a prompt opens the session, and the next ones follow one by one', async () => {
  await using server = await ScriptedServer.start();
  const { session, states } = recordedSession(server.url);
  session.enqueue([user('a'), user('b'), user('c')]);
  const peer = await openedPeer(server, 'one');
  expect(await peer.receive()).toEqual({ type: 'segment_prompt_source', prompt: 'a', source: 'user' });
  expect(states()).toEqual(['a sent', 'b held', 'c held']);
  peer.send(start(0, 'a'));
  expect(await peer.receive()).toMatchObject({ prompt: 'b' });
  expect(states()).toEqual(['a running', 'b sent', 'c held']);
});

test('a cut connection is opened again, and prompts that were not made are sent again', async () => {
  await using server = await ScriptedServer.start();
  const { session, sessions } = recordedSession(server.url);
  session.enqueue([user('a'), user('b')]);
  const first = await openedPeer(server, 'one');
  await first.receive();
  first.cut();
  const second = await openedPeer(server, 'two');
  expect(await second.receive()).toMatchObject({ type: 'segment_prompt_source', prompt: 'a' });
  expect(sessions).toEqual(['new', 'new']);
});

test('with a resume token the session is taken up again and is not a new one', async () => {
  await using server = await ScriptedServer.start();
  const { session, sessions } = recordedSession(server.url);
  session.enqueue([user('a')]);
  const first = await openedPeer(server, 'one', 'secret');
  await first.receive();
  first.cut();
  const second = await server.accept();
  expect(await second.receive()).toMatchObject({ resume: { session_id: 'one', resume_token: 'secret' } });
  second.send(...opened('one', 'secret two'));
  expect(await second.receive()).toEqual({ type: 'generation_paused_updated', paused: false });
  expect(await second.receive()).toMatchObject({ prompt: 'a' });
  expect(sessions).toEqual(['new', 'resumed']);
});

test('a stream without end goes on behind a segment that a lost connection cut off', async () => {
  await using server = await ScriptedServer.start();
  const { session, states } = recordedSession(server.url, { whenIdle: () => user('again') });
  session.enqueue([user('a')]);
  const first = await openedPeer(server, 'one');
  await first.receive();
  const [step, init, head, media] = segmentOf(0, 'M');
  for (const message of [start(0, 'a'), step, init, head, media]) if (message) first.send(message);
  await eventually(() => expect(session.segments[0]?.firstFrameMs).toBeDefined());
  first.cut();
  const second = await openedPeer(server, 'two');
  expect(await second.receive()).toMatchObject({ type: 'segment_prompt_source', prompt: 'again' });
  expect(states()).toEqual(['a interrupted', 'again sent']);
});

test('a session that cannot be resumed is begun anew at once, without an alarm', async () => {
  await using server = await ScriptedServer.start();
  const { session, errors, delays } = recordedSession(server.url);
  session.enqueue([user('a')]);
  const first = await openedPeer(server, 'one', 'secret');
  await first.receive();
  first.cut();
  const second = await server.accept();
  await second.receive();
  second.send({ type: 'error', code: 'session_rejected', message: 'cannot be resumed', retryable: false });
  second.close(1013);
  const third = await server.accept();
  expect(await third.receive()).toEqual(init);
  expect(errors).toEqual([]);
  // Of the cut: after the refusal there is nothing to wait for.
  expect(delays).toEqual([1]);
});

test('a listener that throws keeps nothing from going on', async () => {
  await using server = await ScriptedServer.start();
  const { session, states } = recordedSession(server.url);
  const thrown = new Promise<unknown>((resolve) => {
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => {
      for (const other of others) process.on('uncaughtException', other);
      resolve(error);
    });
  });
  const stop = session.subscribe(() => {
    stop();
    throw new Error('mine');
  });
  session.enqueue([user('a')]);
  await openedPeer(server, 'one');
  await eventually(() => expect(states()).toEqual(['a sent']));
  expect(await thrown).toMatchObject({ message: 'mine' });
});

test('a full server is told in words and not asked again by itself', async () => {
  await using server = await ScriptedServer.start();
  const { session, errors, states } = recordedSession(server.url);
  session.enqueue([user('a')]);
  const peer = await server.accept();
  await peer.receive();
  peer.send({ type: 'error', code: 'session_rejected', message: 'The limit is 1.', retryable: false });
  peer.close(1013);
  await eventually(() => expect(session.status.phase).toBe('disconnected'));
  expect(errors).toMatchObject([{ code: 'session_rejected', message: 'The limit is 1.', retryable: false }]);
  expect(states()).toEqual(['a held']);
});

test('a refused toggle is told, and the prompt that waits is not taken for it', async () => {
  await using server = await ScriptedServer.start();
  const { session, errors, states } = recordedSession(server.url);
  session.enqueue([user('a')]);
  const peer = await openedPeer(server, 'one');
  await peer.receive();
  const message = 'Enhancement needs a prompt provider, and none is configured.';
  const about = { toggle: 'enhancement' } as const;
  peer.send({ type: 'error', code: 'invalid_message', message, retryable: true, about });
  await eventually(() => expect(errors).toMatchObject([{ code: 'invalid_message', about }]));
  expect(states()).toEqual(['a sent']);
});

test('a blocked prompt is given back to be changed', async () => {
  await using server = await ScriptedServer.start();
  const { session, refusedPrompts, errors, states } = recordedSession(server.url);
  session.enqueue([user('a'), user('b')]);
  const peer = await openedPeer(server, 'one');
  await peer.receive();
  peer.send({ type: 'error', code: 'prompt_blocked', message: 'It was blocked.', retryable: false });
  expect(await peer.receive()).toMatchObject({ prompt: 'b' });
  expect(refusedPrompts).toEqual(['a']);
  expect(states()).toEqual(['a blocked', 'b sent']);
  expect(errors).toMatchObject([{ code: 'prompt_blocked', message: 'It was blocked.' }]);
});

test('at the segment cap of a server that tells no state the session is over, and what waits is kept for the next one', async () => {
  await using server = await ScriptedServer.start();
  const { session, states } = recordedSession(server.url);
  session.enqueue([user('a'), user('b')]);
  const first = await openedPeer(server, 'one', 'secret');
  await first.receive();
  first.send({ type: 'ltx2_stream_complete', reason: 'segment_cap' });
  first.close(1000);
  await eventually(() => expect(session.status.phase).toBe('ended'));
  expect(states()).toEqual(['a held', 'b held']);
  session.connect();
  const second = await server.accept();
  expect(await second.receive()).toEqual(init);
});

const state = { kind: 'mock', payload: { frames: 24 } };
const cap = { type: 'ltx2_stream_complete', reason: 'segment_cap' } as const;

test('at the segment cap another session continues from the last state with the prompts that wait', async () => {
  await using server = await ScriptedServer.start();
  const { session, states, sessions } = recordedSession(server.url);
  session.enqueue([user('a'), user('b'), user('c')]);
  const first = await openedPeer(server, 'one', 'secret');
  await first.receive();
  first.send(start(0, 'a'));
  expect(await first.receive()).toMatchObject({ prompt: 'b' });
  // One that the server chose by itself, and what the page was told of the waiting one.
  first.send(...ended(0), { ...start(1, 'preset'), source: 'curated' }, ...ended(1));
  first.send({
    type: 'error',
    code: 'session_rejected',
    message: '"b" was not generated.',
    retryable: false,
  });
  first.send({ type: 'continuation_state_snapshot', state }, cap);
  first.close(1000);
  const second = await server.accept();
  expect(await second.receive()).toEqual({
    ...init,
    continuation_state: state,
  });
  second.send(...opened('two', 'secret two'));
  expect(await second.receive()).toMatchObject({ prompt: 'b' });
  expect(session.status.note).toBe(
    'The session reached the segment limit of the server; session 2 continues from the last picture.',
  );
  expect(states()).toEqual(['a done', 'preset done', 'b sent', 'c held']);
  expect(sessions).toEqual(['new', 'continued']);
  second.send({ type: 'ltx2_stream_complete', reason: 'stop_requested' });
  second.close(1000);
  await eventually(() => expect(session.status).toMatchObject({ phase: 'ended', note: '' }));
});

test('a continued session is opened with its state until it is there, and resumed like any other', async () => {
  await using server = await ScriptedServer.start();
  const { session, sessions } = recordedSession(server.url);
  session.enqueue([user('a')]);
  const first = await openedPeer(server, 'one', 'secret');
  await first.receive();
  first.send(start(0, 'a'), ...ended(0), { type: 'continuation_state_snapshot', state }, cap);
  first.close(1000);
  const cut = await server.accept();
  expect(await cut.receive()).toMatchObject({ continuation_state: state });
  cut.cut();
  const second = await server.accept();
  expect(await second.receive()).toEqual({
    ...init,
    continuation_state: state,
  });
  second.send(...opened('two', 'secret two'));
  await eventually(() => expect(session.status.phase).toBe('active'));
  second.cut();
  const third = await server.accept();
  expect(await third.receive()).toEqual({
    ...init,
    resume: { session_id: 'two', resume_token: 'secret two' },
  });
  expect(sessions).toEqual(['new', 'continued']);
});

test('single clips need no state to continue in another session', async () => {
  await using server = await ScriptedServer.start();
  const { session } = recordedSession(server.url, { init: { single_clip_mode: true } });
  session.enqueue([user('a')]);
  const first = await openedPeer(server, 'one');
  await first.receive();
  first.send(start(0, 'a'), ...ended(0), cap);
  first.close(1000);
  await openedPeer(server, 'two');
  await eventually(() => expect(session.status.phase).toBe('active'));
  expect(session.status.note).toMatch(/session 2 continues\.$/);
});

test('leaving ends the session and what waits', async () => {
  await using server = await ScriptedServer.start();
  const { session, states } = recordedSession(server.url);
  session.enqueue([user('a'), user('b')]);
  const peer = await openedPeer(server, 'one');
  await peer.receive();
  session.leave();
  expect(await peer.receive()).toEqual({ type: 'leave' });
  peer.send({ type: 'ltx2_stream_complete', reason: 'stop_requested' });
  peer.close(1000);
  await eventually(() => expect(session.status.phase).toBe('ended'));
  expect(states()).toEqual(['a cancelled', 'b cancelled']);
});

test('a server that is not there is told once, and tried again', async () => {
  const gone = await ScriptedServer.start();
  const { url } = gone;
  await gone[Symbol.asyncDispose]();
  const { session, errors, delays } = recordedSession(url);
  session.enqueue([user('a')]);
  await eventually(() => expect(session.status.detail).toBe('Gave up after 8 attempts.'));
  expect(delays).toEqual([1, 2, 4, 4, 4, 4, 4, 4]);
  expect(errors).toMatchObject([{ code: 'connection_failed', retryable: true }]);
});

test('a session that is refused for now, or waits in the queue, is taken up again and not begun anew', async () => {
  await using server = await ScriptedServer.start();
  const { session, sessions } = recordedSession(server.url);
  session.enqueue([user('a')]);
  const first = await openedPeer(server, 'one', 'secret');
  await first.receive();
  first.cut();
  const draining = await server.accept();
  await draining.receive();
  draining.send({ type: 'error', code: 'session_rejected', message: 'It drains.', retryable: true });
  draining.close(1013);
  const queued = await server.accept();
  expect(await queued.receive()).toMatchObject({ resume: { session_id: 'one', resume_token: 'secret' } });
  queued.send({ type: 'queue_status', position: 1, queue_depth: 1, resume_token: 'secret two' });
  await eventually(() => expect(session.status.phase).toBe('queued'));
  queued.cut();
  const last = await server.accept();
  expect(await last.receive()).toMatchObject({ resume: { session_id: 'one', resume_token: 'secret two' } });
  last.send(...opened('one', 'secret three'));
  await eventually(() => expect(sessions).toEqual(['new', 'resumed']));
});

test('the limit in time ends the tries, and the end says why', async () => {
  await using server = await ScriptedServer.start();
  const { session, ends } = recordedSession(server.url, { reconnect: { limitMs: 0 } });
  session.enqueue([user('a')]);
  const peer = await server.accept();
  await peer.receive();
  peer.send({ type: 'error', code: 'gpu_unavailable', message: 'No worker became free.', retryable: true });
  peer.close(1013);
  await eventually(() =>
    expect(ends).toEqual([
      expect.stringMatching(/^failed: No session could .* \d+ s: no worker became free\.$/),
    ]),
  );
  expect(session.status.phase).toBe('disconnected');
});

test('a session that waits for a worker is left in words, so that its place is free', async () => {
  await using server = await ScriptedServer.start();
  const { session, ends } = recordedSession(server.url);
  session.enqueue([user('a')]);
  const peer = await server.accept();
  await peer.receive();
  peer.send({ type: 'queue_status', position: 1, queue_depth: 1 });
  await eventually(() => expect(session.status.phase).toBe('queued'));
  await session.close();
  expect(await peer.receive()).toEqual({ type: 'leave' });
  expect(ends).toEqual(['left']);
});

test('what opens the connections may be the own one, and know why it failed', async () => {
  const gone = await ScriptedServer.start();
  const { url } = gone;
  await gone[Symbol.asyncDispose]();
  const opened: string[] = [];
  const { session, ends } = recordedSession(url, {
    webSocket: undefined,
    createWebSocket: (address) => {
      opened.push(address);
      return new WebSocket(address, { headers: { authorization: 'Bearer key' } });
    },
    explainFailure: () => new FastVideoError('unauthorized', 'The key is wrong.'),
  });
  session.enqueue([user('a')]);
  await eventually(() => expect(ends).toEqual(['failed: The key is wrong.']));
  expect(opened).toEqual([url]);
});

test('at the segment cap the session is over where the caller continues by himself', async () => {
  await using server = await ScriptedServer.start();
  const { session, ends, states } = recordedSession(server.url, { continueAtLimit: false });
  const [key] = session.enqueue([user('a'), user('b')]);
  expect(session.segments[0]?.key).toBe(key);
  const peer = await openedPeer(server, 'one');
  await peer.receive();
  peer.send(start(0, 'a'), ...ended(0), { type: 'continuation_state_snapshot', state }, cap);
  peer.close(1000);
  await eventually(() => expect(ends).toEqual(['segment_limit']));
  expect(states()).toEqual(['a done', 'b held']);
});

test('an error that answers a snapshot is not about the segment that is being made', async () => {
  await using server = await ScriptedServer.start();
  const { session, errors, states } = recordedSession(server.url);
  session.enqueue([user('a')]);
  const peer = await openedPeer(server, 'one');
  await peer.receive();
  peer.send(start(0, 'a'));
  await eventually(() => expect(states()).toEqual(['a running']));
  const refused = session.snapshot();
  await peer.receive();
  peer.send({ type: 'error', code: 'internal_error', message: 'None yet.', retryable: false });
  await expect(refused).rejects.toMatchObject({ code: 'internal_error' });
  expect([errors, states()]).toEqual([[], ['a running']]);
});
