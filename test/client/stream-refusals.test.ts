import { describe, expect, it } from 'vitest';
import type { ServerFrame } from '../../src/client/frames.ts';
import { type Peer, ScriptedServer } from './library/scripted-server.ts';
import { type StreamResult, startStream } from './run-stream.ts';

const opening: readonly ServerFrame[] = [
  { type: 'queue_status', position: 0, queue_depth: 0 },
  {
    type: 'gpu_assigned',
    gpu_id: 0,
    session_timeout: 300,
    session_id: 'the-session',
    resume_token: 'the-token',
    worker_id: 'w0',
    model_id: 'm',
  },
  { type: 'ltx2_stream_start', width: 64, height: 48, fps: 24, num_frames: 12 },
];

type ErrorFrame = Extract<ServerFrame, { type: 'error' }>;
type ErrorCode = ErrorFrame['code'];

const error = (code: ErrorCode, retryable: boolean, about?: ErrorFrame['about']): ServerFrame => ({
  type: 'error',
  code,
  message: `It is ${code}.`,
  retryable,
  ...(about ? { about } : {}),
});

/** Takes the next connection and opens its session. */
async function open(server: ScriptedServer): Promise<{ peer: Peer; init: Record<string, unknown> }> {
  const peer = await server.accept();
  const init = await peer.receive();
  peer.send(...opening);
  return { peer, init };
}

/** The next prompt that the client asks for; asks for states are answered. */
async function nextPrompt(peer: Peer): Promise<unknown> {
  for (;;) {
    const frame = await peer.receive();
    if (frame['type'] === 'segment_prompt_source') return frame['prompt'];
    if (frame['type'] === 'snapshot_state') {
      peer.send({ type: 'continuation_state_snapshot', state: { kind: 'k', payload: {} } });
    }
  }
}

function beginSegment(peer: Peer, segment_idx: number, prompt: unknown): void {
  peer.send({
    type: 'ltx2_segment_start',
    segment_idx,
    prompt: String(prompt),
    total_steps: 1,
    source: 'user',
  });
}

const completeSegment = (segment_idx: number): ServerFrame => ({
  type: 'ltx2_segment_complete',
  segment_idx,
  generation_time_ms: 1,
  e2e_latency_ms: 1,
  frames: 0,
});

function makeSegment(peer: Peer, segment_idx: number, prompt: unknown): void {
  beginSegment(peer, segment_idx, prompt);
  peer.send(completeSegment(segment_idx));
}

async function untilLeave(peer: Peer): Promise<void> {
  while ((await peer.receive())['type'] !== 'leave');
  peer.send({ type: 'ltx2_stream_complete', reason: 'stop_requested' });
  peer.close();
}

function start(server: ScriptedServer, ...args: readonly string[]): Promise<StreamResult> {
  return startStream(['--url', server.url, ...args], '').ended;
}

describe('a server that ends each session after one segment and tells no state', () => {
  it('ends the film, and the cap is named', async () => {
    await using server = await ScriptedServer.start();
    const { ended } = startStream(['--url', server.url, 'a', 'b'], '');
    const { peer } = await open(server);
    expect(await nextPrompt(peer)).toBe('a');
    makeSegment(peer, 0, 'a');
    peer.send({ type: 'ltx2_stream_complete', reason: 'segment_cap' });
    peer.close(1000);
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('streaming.generation_segment_cap')]);
  });
});

describe('a prompt that is blocked', () => {
  it('ends the film with exit code 3', async () => {
    await using server = await ScriptedServer.start();
    const ended = start(server, 'a bad thing', 'a fox');
    const { peer } = await open(server);
    expect(await nextPrompt(peer)).toBe('a bad thing');
    peer.send(error('prompt_blocked', false));
    await untilLeave(peer);
    expect(await ended).toMatchObject({
      code: 3,
      stderr: 'fastvideo: Prompt 1, "a bad thing": It is prompt_blocked.\n',
    });
  });

  it.each(['prompt_blocked', 'invalid_message'] as const)(
    'behind one that is being made ends the film after that one, and is named (%s)',
    async (code) => {
      await using server = await ScriptedServer.start();
      const ended = start(server, 'a fox', 'a bad thing', 'snow');
      const { peer } = await open(server);
      await nextPrompt(peer);
      beginSegment(peer, 0, 'a fox');
      expect(await nextPrompt(peer)).toBe('a bad thing');
      peer.send(error(code, code === 'invalid_message'), completeSegment(0));
      // Without a word in between: the segment was waited for.
      expect(await peer.receive()).toMatchObject({ type: 'snapshot_state' });
      await untilLeave(peer);
      expect(await ended).toMatchObject({
        code: code === 'prompt_blocked' ? 3 : 2,
        stderr: `fastvideo: Prompt 2, "a bad thing": It is ${code}.\n`,
      });
    },
  );

  it('is skipped where that was asked for, also when an earlier one is being made', async () => {
    await using server = await ScriptedServer.start();
    const ended = start(server, '--on-error', 'skip', 'a fox', 'a bad thing', 'snow');
    const { peer } = await open(server);
    const first = await nextPrompt(peer);
    beginSegment(peer, 0, 'a fox');
    expect([first, await nextPrompt(peer)]).toEqual(['a fox', 'a bad thing']);
    peer.send(error('prompt_blocked', false), completeSegment(0));
    makeSegment(peer, 1, await nextPrompt(peer));
    await untilLeave(peer);
    expect(await ended).toMatchObject({
      code: 0,
      stderr: '"a bad thing" was skipped: It is prompt_blocked.\n',
    });
  });

  it('fails all the same when nothing else was asked for', async () => {
    await using server = await ScriptedServer.start();
    const ended = start(server, '--on-error', 'skip', 'a bad thing');
    const { peer } = await open(server);
    await nextPrompt(peer);
    peer.send(error('prompt_blocked', false));
    await untilLeave(peer);
    expect((await ended).code).toBe(3);
  });
});

describe('a prompt that is refused as invalid', () => {
  it('ends the film at once, although another one may be sent in its place', async () => {
    await using server = await ScriptedServer.start();
    const ended = start(server, 'far too long', 'a fox');
    const { peer } = await open(server);
    await nextPrompt(peer);
    peer.send(error('invalid_message', true));
    expect(await peer.receive()).toEqual({ type: 'leave' });
    peer.close();
    expect(await ended).toMatchObject({
      code: 2,
      stderr: 'fastvideo: Prompt 1, "far too long": It is invalid_message.\n',
    });
  });
});

describe('media that does not come', () => {
  it('is told, and the film goes on', async () => {
    await using server = await ScriptedServer.start();
    const ended = start(server, 'a fox');
    const { peer } = await open(server);
    beginSegment(peer, 0, await nextPrompt(peer));
    const sums = { stream_id: 's', duration_ms: 1000, pts_base_ms: 0, bytes: 9 };
    peer.send({ type: 'media_segment_complete', segment_idx: 0, chunks: 3, ...sums }, completeSegment(0));
    await untilLeave(peer);
    expect(await ended).toMatchObject({
      code: 0,
      stderr: 'The film has a gap: 3 of 3 pieces of the media of "a fox" did not come.\n',
    });
  });
});

describe('a segment that fails', () => {
  it('is asked for again, three times', async () => {
    await using server = await ScriptedServer.start();
    const ended = start(server, 'a fox', 'snow');
    const { peer } = await open(server);
    const asked: unknown[] = [];
    for (let time = 0; time < 4; time += 1) {
      asked.push(await nextPrompt(peer));
      peer.send(error('worker_failed', true));
    }
    await untilLeave(peer);
    expect(asked).toEqual(['a fox', 'a fox', 'a fox', 'a fox']);
    expect(await ended).toMatchObject({ code: 1, stderr: expect.stringContaining('It is worker_failed.') });
  });

  it('comes before the prompt that waits behind it', async () => {
    await using server = await ScriptedServer.start();
    const ended = start(server, 'a fox', 'snow');
    const { peer } = await open(server);
    await nextPrompt(peer);
    beginSegment(peer, 0, 'a fox');
    expect(await nextPrompt(peer)).toBe('snow');
    peer.send(error('upstream_timeout', true));
    makeSegment(peer, 1, 'snow');
    makeSegment(peer, 2, await nextPrompt(peer));
    await untilLeave(peer);
    expect(await ended).toMatchObject({
      code: 0,
      stderr: '"a fox" was asked again: It is upstream_timeout.\n',
    });
  });

  it('is the one that the server names', async () => {
    await using server = await ScriptedServer.start();
    const ended = start(server, 'a fox', 'snow');
    const { peer } = await open(server);
    await nextPrompt(peer);
    beginSegment(peer, 0, 'a fox');
    expect(await nextPrompt(peer)).toBe('snow');
    peer.send(
      error('worker_failed', true, { message: 'segment_prompt_source', segment_idx: 1 }),
      // Nobody asked for what the server could not write by itself.
      error('worker_failed', true, { segment_idx: 1 }),
      completeSegment(0),
    );
    expect(await nextPrompt(peer)).toBe('snow');
    makeSegment(peer, 1, 'snow');
    await untilLeave(peer);
    expect(await ended).toMatchObject({ code: 0, stderr: expect.stringContaining('"snow" was asked again') });
  });
});

describe('a session that is refused', () => {
  it('ends the command when it is of no use to come back', async () => {
    await using server = await ScriptedServer.start();
    const ended = start(server, 'a fox');
    const peer = await server.accept();
    await peer.receive();
    peer.send(error('session_rejected', false));
    peer.close(1013);
    expect(await ended).toMatchObject({ code: 1, stderr: 'fastvideo: It is session_rejected.\n' });
  });

  it('is asked for again when the server drains', async () => {
    await using server = await ScriptedServer.start();
    const ended = start(server, 'a fox');
    const refused = await server.accept();
    await refused.receive();
    refused.send(error('session_rejected', true));
    refused.close(1013);
    const { peer } = await open(server);
    makeSegment(peer, 0, await nextPrompt(peer));
    await untilLeave(peer);
    expect(await ended).toMatchObject({
      code: 0,
      stderr: 'It is session_rejected; trying again in 0.3 s.\n',
    });
  });

  it('is followed by a new one with the last state when it cannot be resumed', async () => {
    await using server = await ScriptedServer.start();
    const ended = start(server, 'a fox', 'snow');
    const { peer } = await open(server);
    makeSegment(peer, 0, await nextPrompt(peer));
    // Asking for the next one comes first or second, the state is answered on the way.
    expect(await nextPrompt(peer)).toBe('snow');
    peer.cut();
    const again = await server.accept();
    expect(await again.receive()).toMatchObject({
      resume: { session_id: 'the-session', resume_token: 'the-token' },
    });
    again.send(error('session_rejected', false));
    again.close(1013);
    const { peer: last, init } = await open(server);
    expect(init['resume']).toBeUndefined();
    // Whether the state had come when the connection was cut is left open: without it the first one is made again.
    let prompt = await nextPrompt(last);
    let index = 0;
    if (init['continuation_state'] === undefined) {
      expect(prompt).toBe('a fox');
      makeSegment(last, index, prompt);
      index += 1;
      prompt = await nextPrompt(last);
    }
    expect(prompt).toBe('snow');
    makeSegment(last, index, prompt);
    await untilLeave(last);
    expect((await ended).code).toBe(0);
  });

  it('waits for the next prompt when nothing was asked for too long', async () => {
    await using server = await ScriptedServer.start();
    const running = startStream(['--url', server.url]);
    running.child.stdin.write('a fox\n');
    const { peer } = await open(server);
    makeSegment(peer, 0, await nextPrompt(peer));
    await peer.receive();
    peer.send(
      { type: 'continuation_state_snapshot', state: { kind: 'k', payload: {} } },
      { type: 'session_timeout', timeout_seconds: 300 },
    );
    peer.close();
    running.child.stdin.end('snow\n');
    const { peer: next, init } = await open(server);
    expect(init['continuation_state']).toEqual({ kind: 'k', payload: {} });
    makeSegment(next, 0, await nextPrompt(next));
    await untilLeave(next);
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a live stream', () => {
  it.each([[['--realtime'], true] as const, [[], undefined] as const])(
    'is asked for at the opening (%j)',
    async (args, realtime) => {
      await using server = await ScriptedServer.start();
      const ended = start(server, ...args, 'a fox');
      const { peer, init } = await open(server);
      expect(init['realtime']).toBe(realtime);
      makeSegment(peer, 0, await nextPrompt(peer));
      await untilLeave(peer);
      expect((await ended).code).toBe(0);
    },
  );
});

describe('a server whose workers do not become free', () => {
  it('is waited for within the limit, and the film says what was missing', async () => {
    await using server = await ScriptedServer.start();
    const ended = start(server, '--reconnect-seconds', '0.5', 'a fox');
    const first = await server.accept();
    await first.receive();
    first.send({ type: 'queue_status', position: 1, queue_depth: 1 }, error('gpu_unavailable', true));
    first.close(1013);
    const second = await server.accept();
    await second.receive();
    second.send({ type: 'queue_status', position: 1, queue_depth: 1, reason: 'warming_up' });
    expect(await second.receive()).toEqual({ type: 'leave' });
    second.close();
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('s: no worker became free (the server is')]);
    expect(stderr).not.toContain('lost');
  });
});
