import { once } from 'node:events';
import type { WebSocket } from 'ws';
import { waitFor } from '../../support/wait-for.ts';
import { type FakeReplica, type FakeReplicaOptions, fakeReplica, patient } from '../relay/fake-replica.ts';
import { RawClient } from '../relay/raw-client.ts';

export interface ScriptedReplica extends FakeReplica {
  /** What it was sent, over all connections. */
  readonly got: Record<string, unknown>[];
  /** The last connection. */
  socket(): WebSocket;
}

/** A replica that does what the test says at each message, the first one being number 0. */
export async function scripted(
  onMessage: (socket: WebSocket, number: number) => void,
  options: Pick<FakeReplicaOptions, 'answersProbes'> = {},
): Promise<ScriptedReplica> {
  const got: Record<string, unknown>[] = [];
  let last: WebSocket | undefined;
  const replica = await fakeReplica({
    ...options,
    serve: (socket) => {
      last = socket;
      let count = 0;
      socket.on('message', (data) => {
        got.push(JSON.parse(String(data)) as Record<string, unknown>);
        onMessage(socket, count);
        count += 1;
      });
    },
  });
  const socket = () => {
    if (!last) throw new Error('The replica has no connection.');
    return last;
  };
  return { ...replica, got, socket };
}

export function say(socket: WebSocket, ...frames: (object | Buffer)[]): void {
  for (const frame of frames) socket.send(Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
}

export const checkpoint = (set: object, { frames = 1, seen = 0, pending = [] as number[] } = {}) => ({
  type: 'session_checkpoint',
  seen,
  pending,
  frames,
  set,
});
export const assigned = (name: string) => ({
  type: 'gpu_assigned',
  gpu_id: 0,
  session_timeout: 9,
  session_id: name,
  resume_token: `token of ${name}`,
});
export const queued = { type: 'queue_status', position: 0, queue_depth: 0 };
export const streamStart = { type: 'ltx2_stream_start', width: 2, height: 2, fps: 24, num_frames: 2 };
export const mediaInit = {
  type: 'media_init',
  segment_idx: 0,
  mime: 'video/mp4',
  stream_id: 'x',
  mode: 'av_fmp4',
};
export const segmentStart = { type: 'ltx2_segment_start', segment_idx: 0, prompt: 'a fox', total_steps: 1 };
const step = { type: 'step_complete', segment_idx: 0, step: 3, total_steps: 9, stage: 'denoise' };
export const mediaEnd = {
  type: 'media_segment_complete',
  segment_idx: 0,
  stream_id: 'x',
  chunks: 2,
  duration_ms: 9,
};
export const segmentEnd = {
  type: 'ltx2_segment_complete',
  segment_idx: 0,
  generation_time_ms: 1,
  e2e_latency_ms: 1,
};
export const initBytes = Buffer.from('the init segment');
export const media = (text: string) => Buffer.from(text);

export const transparent = { failover: 'transparent', health_check: patient };
/**
 * Finds out soon which replica is frozen, by one that destroys the connections of its probes. One that is only slow is
 * not taken for it: it would have to be late for many probes in a row.
 */
export const freezing = {
  failover: 'transparent',
  health_check: { interval_seconds: 0.02, timeout_seconds: 0.3, failure_threshold: 20 },
};
export const init = JSON.stringify({ type: 'session_init_v2', client_id: 'c', resume: null });

/** @param current - the segment that is being made: none, unless the session goes on here in the middle of one */
export function open(socket: WebSocket, name: string, current: object | null = null): void {
  say(socket, queued, checkpoint({ n: 0, current, state: null }), assigned(name), streamStart);
}

/** Lets in, begins a segment at the first prompt, and stops in its middle. */
export async function firstReplica(
  inTheMiddle: (socket: WebSocket) => void,
  options: Pick<FakeReplicaOptions, 'answersProbes'> = {},
): Promise<ScriptedReplica> {
  return await scripted((socket, number) => {
    if (number === 0) open(socket, 'one');
    if (number !== 1) return;
    say(
      socket,
      checkpoint({ n: 1, current: { segment_idx: 0 } }, { seen: 1 }),
      segmentStart,
      mediaInit,
      initBytes,
      step,
      media('first part'),
    );
    inTheMiddle(socket);
  }, options);
}

/** Goes on with a session that was moved to it. */
export async function nextReplica(): Promise<ScriptedReplica> {
  return await scripted((socket, number) => number === 0 && goOn(socket));
}

/** Opens a session in the middle of whose segment the first replica has stopped, and makes that to its end. */
export function goOn(socket: WebSocket, name = 'two'): void {
  open(socket, name, { segment_idx: 0 });
  say(
    socket,
    { ...mediaInit, stream_id: 'y' },
    initBytes,
    media('second part'),
    mediaEnd,
    checkpoint({ n: 2, current: null }),
    segmentEnd,
  );
}

/** Kills its connection when what it has said is under way. */
export const dies = (socket: WebSocket) => void setImmediate(() => socket.terminate());

/** A client that has asked for a segment. */
export async function play(
  routerUrl: string,
  { first = init, path = '/v1/stream' } = {},
): Promise<RawClient> {
  const client = await RawClient.connect(routerUrl, { first, path });
  await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
  client.socket.send(JSON.stringify({ type: 'segment_prompt_source', prompt: 'a fox' }));
  return client;
}

/** Resolves when all that the client has sent so far has come to the router. */
export async function heard({ socket }: RawClient): Promise<void> {
  // One that is closed hears no more.
  const answer = Promise.race([once(socket, 'pong'), once(socket, 'close')]);
  socket.ping();
  await answer;
}
