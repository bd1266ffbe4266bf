import { describe, expect, it } from 'vitest';
import { CheckpointCache } from '../../../src/core/router/failover/checkpoint-cache.ts';

function frame(set: object, { seen = 0, frames = 0, pending = [] as number[] } = {}) {
  const text = JSON.stringify({ type: 'session_checkpoint', seen, frames, pending, set });
  return { data: Buffer.from(text), isBinary: false };
}

function told(cache: CheckpointCache): unknown {
  return JSON.parse(cache.toJson());
}

describe('the cache of a session', () => {
  it('joins what has changed to what was told before', () => {
    const cache = new CheckpointCache(1000);
    expect(cache.complete).toBe(false);
    cache.take(frame({ toggles: { loop: false }, waiting: [], current: null }));
    cache.take(frame({ waiting: ['a fox'] }));
    expect(told(cache)).toEqual({ toggles: { loop: false }, waiting: ['a fox'], current: null });
    expect(cache.complete).toBe(true);
  });

  it('takes a checkpoint when the frames that tell of it have come, and not before', () => {
    const cache = new CheckpointCache(1000);
    cache.take(frame({ n: 0 }));
    expect(cache.take(frame({ n: 1 }, { seen: 3, pending: [2], frames: 2 }))).toEqual([]);
    expect(cache.frameCame()).toEqual([]);
    expect(told(cache)).toEqual({ n: 0 });
    expect(cache.frameCame()).toEqual([{ seen: 3, pending: [2], idle: false }]);
    expect(told(cache)).toEqual({ n: 1 });
  });

  it('never takes a later one before an earlier one', () => {
    const cache = new CheckpointCache(1000);
    cache.take(frame({ n: 1 }, { frames: 2 }));
    cache.take(frame({ n: 2 }, { frames: 0 }));
    expect(cache.complete).toBe(false);
    cache.frameCame();
    expect(cache.frameCame()).toHaveLength(2);
    expect(told(cache)).toEqual({ n: 2 });
  });

  it('forgets what was coming when the connection ends', () => {
    const cache = new CheckpointCache(1000);
    cache.take(frame({ n: 0 }));
    cache.take(frame({ n: 1 }, { frames: 1 }));
    cache.connectionEnded();
    cache.frameCame();
    expect(told(cache)).toEqual({ n: 0 });
  });

  it('says when no segment is being made any more', () => {
    const cache = new CheckpointCache(1000);
    expect(cache.take(frame({ current: { segment_idx: 1 } }))).toMatchObject([{ idle: false }]);
    expect(cache.take(frame({ current: null }))).toMatchObject([{ idle: true }]);
  });

  it('gives a session up that is larger than the limit, and stays small', () => {
    const cache = new CheckpointCache(400);
    cache.take(frame({ state: 'x'.repeat(50) }));
    expect(cache.bytes).toBe(64 + 'state'.length + 52);
    cache.take(frame({ state: 'x'.repeat(280) }));
    cache.take(frame({ other: 'x'.repeat(100) }));
    expect([cache.complete, cache.isTold, cache.isClosed, cache.bytes]).toEqual([false, false, true, 0]);
    cache.take(frame({ state: 'small again' }));
    expect([cache.complete, cache.bytes]).toEqual([false, 0]);
  });

  it('counts what has not come to effect yet, and forgets it with the connection', () => {
    const cache = new CheckpointCache(100_000);
    cache.take(frame({ n: 0 }));
    const { bytes } = cache;
    cache.take(frame({ state: 'x'.repeat(1000) }, { frames: 1, pending: [1, 2] }));
    expect(cache.bytes).toBeGreaterThan(bytes + 1000);
    cache.connectionEnded();
    expect(cache.bytes).toBe(bytes);
  });

  it('does not grow with checkpoints that never come to effect', () => {
    const cache = new CheckpointCache(100_000);
    let most = 0;
    for (let count = 0; count < 10_000; count += 1) {
      cache.take(frame({}, { frames: 1_000_000, pending: [1, 2, 3] }));
      most = Math.max(most, cache.bytes);
    }
    expect(most).toBeLessThanOrEqual(100_000);
    expect([cache.isClosed, cache.bytes]).toEqual([true, 0]);
  });

  it('gives a session up whose checkpoint holds more than anybody reads', () => {
    const cache = new CheckpointCache(1_000_000);
    cache.take(frame({ n: 0 }));
    expect(cache.take(frame({ state: Array(110_000).fill([]) }))).toEqual([]);
    expect([cache.complete, cache.isClosed]).toEqual([false, true]);
  });

  it('is not changed by what is no checkpoint, and says so', () => {
    const cache = new CheckpointCache(1000);
    for (const text of ['', '{', '[]', '{"type":"session_checkpoint"}', '{"seen":-1,"frames":0,"set":{}}']) {
      expect(cache.take({ data: Buffer.from(text), isBinary: false })).toBeUndefined();
    }
    expect([cache.complete, cache.isClosed]).toEqual([false, false]);
  });
});
