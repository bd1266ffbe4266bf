import type { WebSocket } from 'ws';
import { type FakeReplica, fakeReplica } from '../relay/fake-replica.ts';

export interface ScriptedReplica extends FakeReplica {
  /** What it was sent, over all connections. */
  readonly got: Record<string, unknown>[];
  /** The last connection. */
  socket(): WebSocket;
}

/** A replica that does what the test says at each message, the first one being number 0. */
export async function scripted(
  onMessage: (socket: WebSocket, number: number) => void,
): Promise<ScriptedReplica> {
  const got: Record<string, unknown>[] = [];
  let last: WebSocket | undefined;
  const replica = await fakeReplica({
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
const queued = { type: 'queue_status', position: 0, queue_depth: 0 };
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

export const transparent = {
  failover: 'transparent',
  health_check: { interval_seconds: 0.1, timeout_seconds: 0.3 },
};
export const init = JSON.stringify({ type: 'session_init_v2', client_id: 'c', resume: null });

export function open(socket: WebSocket, name: string): void {
  say(socket, queued, checkpoint({ n: 0, current: null, state: null }), assigned(name), streamStart);
}

/** Lets in, begins a segment at the first prompt, and stops in its middle. */
export async function firstReplica(inTheMiddle: (socket: WebSocket) => void): Promise<ScriptedReplica> {
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
  });
}

/** Goes on with a session that was moved to it. */
export async function nextReplica(): Promise<ScriptedReplica> {
  return await scripted((socket, number) => {
    if (number !== 0) return;
    open(socket, 'two');
    say(
      socket,
      { ...mediaInit, stream_id: 'y' },
      initBytes,
      media('second part'),
      mediaEnd,
      checkpoint({ n: 2, current: null }),
      segmentEnd,
    );
  });
}
