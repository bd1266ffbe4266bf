import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientEvent } from '../../src/core/client/client-event.ts';
import { SilenceNotice } from '../../src/core/client/silence-notice.ts';
import { streamFilm } from '../../src/core/client/stream-film.ts';
import type { StreamRequest } from '../../src/core/client/stream-request.ts';
import { eventually } from '../support/wait-for.ts';
import { ScriptedServer } from './library/scripted-server.ts';

describe('SilenceNotice', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells again and again how long nothing was heard, and starts anew when something was', () => {
    const told: number[] = [];
    using notice = new SilenceNotice(30_000, (seconds) => told.push(seconds));
    notice.heard(true);
    vi.advanceTimersByTime(120_000);
    notice.heard(true);
    vi.advanceTimersByTime(30_000);
    notice.heard(false);
    vi.advanceTimersByTime(300_000);
    expect(told).toEqual([30, 60, 120, 30]);
  });
});

it('`stream` tells that a server says nothing to a prompt', async () => {
  await using server = await ScriptedServer.start();
  const events: ClientEvent[] = [];
  const ended = new AbortController();
  const film = streamFilm(requestTo(server.url), {
    prompts: ['a fox'].values(),
    write: async () => undefined,
    observer: { text: () => {}, event: (event) => void events.push(event), progress: () => {} },
    signal: ended.signal,
    onState: () => {},
  });
  const peer = await server.accept();
  await peer.receive();
  peer.send(
    { type: 'queue_status', position: 0, queue_depth: 0 },
    {
      type: 'gpu_assigned',
      gpu_id: 0,
      session_timeout: 300,
      session_id: 'one',
      worker_id: 'w0',
      model_id: 'm',
    },
    { type: 'ltx2_stream_start', width: 64, height: 48, fps: 24, num_frames: 12 },
  );
  expect(await peer.receive()).toMatchObject({ prompt: 'a fox' });
  await eventually(() => expect(events).toContainEqual(expect.objectContaining({ event: 'silent' })));
  ended.abort(new Error('seen'));
  await expect(film).rejects.toThrow('seen');
});

function requestTo(url: string): StreamRequest {
  return {
    target: { url: new URL(url), apiKey: undefined },
    preset: undefined,
    negativePrompt: undefined,
    seed: undefined,
    enhance: false,
    loop: false,
    autoExtend: false,
    singleClip: false,
    realtime: false,
    segments: undefined,
    image: undefined,
    state: undefined,
    wantState: false,
    onError: 'fail',
    reconnectMs: 1000,
    silenceMs: 10,
  };
}
