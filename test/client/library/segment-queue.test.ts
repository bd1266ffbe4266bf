import { describe, expect, test } from 'vitest';
import type { ServerFrame } from '../../../src/client/frames.ts';
import { applyFrame } from '../../../src/client/segment-frames.ts';
import {
  connectionLost,
  dropWaiting,
  emptyQueue,
  entriesKept,
  firstMedia,
  hold,
  markSent,
  nextToSend,
  type SegmentQueue,
  takeBack,
} from '../../../src/client/segment-queue.ts';

function queueOf(...prompts: readonly string[]): SegmentQueue {
  return prompts.reduce((queue, prompt) => hold(queue, { prompt, source: 'user' }), emptyQueue);
}

function send(queue: SegmentQueue, now = 0, waits = false): SegmentQueue {
  const next = nextToSend(queue);
  if (!next) throw new Error('nothing to send');
  return markSent(queue, next.key, now, waits);
}

function take(queue: SegmentQueue, ...frames: readonly ServerFrame[]): SegmentQueue {
  return frames.reduce((before, frame) => applyFrame(before, frame, 100), queue);
}

function start(segment_idx: number, prompt: string, source: 'user' | 'curated' | 'enhanced' = 'user') {
  return { type: 'ltx2_segment_start', segment_idx, prompt, total_steps: 4, source } as const;
}

type ErrorFrame = Extract<ServerFrame, { type: 'error' }>;

function error(code: ErrorFrame['code'], message: string, about?: ErrorFrame['about']): ErrorFrame {
  return { type: 'error', code, message, retryable: true, ...(about ? { about } : {}) };
}

function states({ entries }: SegmentQueue): string[] {
  return entries.map(({ request, state }) => `${request.prompt} ${state}`);
}

describe('sending', () => {
  test('one request at a time waits in the server', () => {
    const queue = send(queueOf('a', 'b'));
    expect(nextToSend(queue)).toBeUndefined();
    expect(nextToSend(take(queue, start(0, 'a')))?.request.prompt).toBe('b');
  });

  test('what was not sent can be taken back, what was sent cannot', () => {
    const queue = send(queueOf('a', 'b'));
    expect(states(takeBack(takeBack(queue, 1), 2))).toEqual(['a sent']);
  });
});

describe('a segment', () => {
  test('goes from its start to its end with the numbers of the server', () => {
    const queue = take(
      firstMedia(take(send(queueOf('a'), 40), start(0, 'a')), 130),
      { type: 'step_complete', segment_idx: 0, step: 3, total_steps: 4, stage: 'denoise' },
      {
        type: 'media_segment_complete',
        segment_idx: 0,
        stream_id: 's',
        chunks: 2,
        duration_ms: 2000,
        pts_base_ms: 0,
        bytes: 9,
      },
      {
        type: 'ltx2_segment_complete',
        segment_idx: 0,
        generation_time_ms: 500,
        e2e_latency_ms: 510,
        frames: 48,
      },
    );
    expect(queue.entries[0]).toMatchObject({
      state: 'done',
      step: 3,
      firstFrameMs: 90,
      generationMs: 500,
      durationMs: 2000,
      frames: 48,
    });
  });

  test('that had to wait counts its first frame from its start', () => {
    const queue = firstMedia(take(send(queueOf('a'), 40, true), start(0, 'a')), 130);
    expect(queue.entries[0]?.firstFrameMs).toBe(30);
  });

  test('shows the words of the enhancer', () => {
    const queue = take(send(queueOf('a')), start(0, 'a splendid a', 'enhanced'));
    expect(queue.entries[0]).toMatchObject({ state: 'running', usedPrompt: 'a splendid a' });
  });

  test('that the server chose by itself stands before those that wait', () => {
    const queue = take(send(queueOf('a', 'b')), start(0, 'seed', 'curated'));
    expect(states(queue)).toEqual(['seed running', 'a sent', 'b held']);
  });

  test('of an earlier session is not taken for one of this', () => {
    const first = take(send(queueOf('a', 'b')), start(0, 'a'), { type: 'segment_cancelled', segment_idx: 0 });
    const second = take(send({ ...first, session: 1 }), start(0, 'b'), {
      type: 'ltx2_segment_complete',
      segment_idx: 0,
      generation_time_ms: 1,
      e2e_latency_ms: 1,
      frames: 1,
    });
    expect(states(second)).toEqual(['a cancelled', 'b done']);
  });
});

describe('an error', () => {
  test('of the worker fails the running segment and not the one that waits', () => {
    const queue = send(take(send(queueOf('a', 'b')), start(0, 'a')));
    expect(states(take(queue, error('worker_failed', 'gone')))).toEqual(['a failed', 'b sent']);
  });

  test('of the worker before the start fails the request that was sent', () => {
    expect(states(take(send(queueOf('a', 'b')), error('worker_failed', 'gone')))).toEqual([
      'a failed',
      'b held',
    ]);
  });

  test.each([
    [error('prompt_blocked', 'no'), 'b blocked'],
    [error('invalid_message', 'segment_prompt_source: too long'), 'b failed'],
  ])('$0.code ends the request that waits in the server', (frame, state) => {
    const queue = send(take(send(queueOf('a', 'b')), start(0, 'a')));
    expect(states(take(queue, frame))).toEqual(['a running', state]);
  });

  test.each([
    ['running', { segment_idx: 0, message: 'segment_prompt_source' }, ['a failed', 'b sent']],
    ['sent', { segment_idx: 1, message: 'segment_prompt_source' }, ['a running', 'b failed']],
    ['sent', { message: 'segment_prompt_source' }, ['a running', 'b failed']],
    ['neither', { segment_idx: 1 }, ['a running', 'b sent']],
    ['neither', { message: 'snapshot_state' }, ['a running', 'b sent']],
    ['neither', { segment_idx: 0, message: 'prompt_update' }, ['a running', 'b sent']],
  ])('means the %s one when it is about %j, whatever its code is', (_, about, expected) => {
    const queue = send(take(send(queueOf('a', 'b')), start(0, 'a')));
    for (const code of ['worker_failed', 'internal_error', 'invalid_message'] as const) {
      expect(states(take(queue, error(code, 'no', about)))).toEqual(expected);
    }
  });

  test("of a session's end leaves what waits for the next session", () => {
    const frame = error('session_rejected', 'draining', { message: 'segment_prompt_source' });
    expect(states(take(send(queueOf('a')), frame))).toEqual(['a sent']);
  });

  test.each([
    error('invalid_message', 'There is no model for that.', { toggle: 'enhancement' }),
    error('invalid_message', 'No segment is running.', { message: 'cancel_segment' }),
  ])('"$message" is not about a request', (frame) => {
    expect(states(take(send(queueOf('a')), frame))).toEqual(['a sent']);
  });
});

describe('a lost connection', () => {
  test('puts back what had not begun to arrive', () => {
    const queue = send(take(send(queueOf('a', 'b', 'c')), start(0, 'a')));
    expect(states(connectionLost(queue))).toEqual(['a held', 'b held', 'c held']);
  });

  test('leaves what had begun to arrive as cut off', () => {
    const queue = firstMedia(take(send(queueOf('a', 'b')), start(0, 'a')), 5);
    expect(states(connectionLost(queue))).toEqual(['a interrupted', 'b held']);
  });
});

test('ending the session cancels all that is not over', () => {
  const queue = send(take(send(queueOf('a', 'b', 'c')), start(0, 'a')));
  expect(states(dropWaiting(queue))).toEqual(['a cancelled', 'b cancelled', 'c cancelled']);
});

test('the list is bounded: the oldest that are over go, those that wait stay', () => {
  let queue = dropWaiting(queueOf('old'));
  for (let index = 0; index < entriesKept; index += 1) {
    queue = hold(queue, { prompt: `${index}`, source: 'user' });
  }
  expect(queue.entries).toHaveLength(entriesKept);
  expect(queue.entries[0]?.request.prompt).toBe('0');
});
