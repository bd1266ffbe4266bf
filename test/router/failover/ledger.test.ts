import { describe, expect, it } from 'vitest';
import { SessionLedger } from '../../../src/core/router/failover/session-ledger.ts';

function frame(set: object, { seen = 0, frames = 0, pending = [] as number[] } = {}) {
  const text = JSON.stringify({ type: 'session_checkpoint', seen, frames, pending, set });
  return { data: Buffer.from(text), isBinary: false };
}

function told(ledger: SessionLedger): unknown {
  return JSON.parse(ledger.toJson());
}

describe('the ledger of a session', () => {
  it('joins what has changed to what was told before', () => {
    const ledger = new SessionLedger(1000);
    expect(ledger.complete).toBe(false);
    ledger.take(frame({ toggles: { loop: false }, waiting: [], current: null }));
    ledger.take(frame({ waiting: ['a fox'] }));
    expect(told(ledger)).toEqual({ toggles: { loop: false }, waiting: ['a fox'], current: null });
    expect(ledger.complete).toBe(true);
  });

  it('takes a checkpoint when the frames that tell of it have come, and not before', () => {
    const ledger = new SessionLedger(1000);
    ledger.take(frame({ n: 0 }));
    expect(ledger.take(frame({ n: 1 }, { seen: 3, pending: [2], frames: 2 }))).toEqual([]);
    expect(ledger.frameCame()).toEqual([]);
    expect(told(ledger)).toEqual({ n: 0 });
    expect(ledger.frameCame()).toEqual([{ seen: 3, pending: [2], idle: false }]);
    expect(told(ledger)).toEqual({ n: 1 });
  });

  it('never takes a later one before an earlier one', () => {
    const ledger = new SessionLedger(1000);
    ledger.take(frame({ n: 1 }, { frames: 2 }));
    ledger.take(frame({ n: 2 }, { frames: 0 }));
    expect(ledger.complete).toBe(false);
    ledger.frameCame();
    expect(ledger.frameCame()).toHaveLength(2);
    expect(told(ledger)).toEqual({ n: 2 });
  });

  it('forgets what was coming when the connection ends', () => {
    const ledger = new SessionLedger(1000);
    ledger.take(frame({ n: 0 }));
    ledger.take(frame({ n: 1 }, { frames: 1 }));
    ledger.legEnded();
    ledger.frameCame();
    expect(told(ledger)).toEqual({ n: 0 });
  });

  it('says when no segment is being made any more', () => {
    const ledger = new SessionLedger(1000);
    expect(ledger.take(frame({ current: { segment_idx: 1 } }))).toMatchObject([{ idle: false }]);
    expect(ledger.take(frame({ current: null }))).toMatchObject([{ idle: true }]);
  });

  it('gives a session up that is larger than the limit, and stays small', () => {
    const ledger = new SessionLedger(400);
    ledger.take(frame({ state: 'x'.repeat(50) }));
    expect(ledger.bytes).toBe(64 + 'state'.length + 52);
    ledger.take(frame({ state: 'x'.repeat(280) }));
    ledger.take(frame({ other: 'x'.repeat(100) }));
    expect([ledger.complete, ledger.isTold, ledger.isClosed, ledger.bytes]).toEqual([false, false, true, 0]);
    ledger.take(frame({ state: 'small again' }));
    expect([ledger.complete, ledger.bytes]).toEqual([false, 0]);
  });

  it('counts what has not come to effect yet, and forgets it with the connection', () => {
    const ledger = new SessionLedger(100_000);
    ledger.take(frame({ n: 0 }));
    const { bytes } = ledger;
    ledger.take(frame({ state: 'x'.repeat(1000) }, { frames: 1, pending: [1, 2] }));
    expect(ledger.bytes).toBeGreaterThan(bytes + 1000);
    ledger.legEnded();
    expect(ledger.bytes).toBe(bytes);
  });

  it('does not grow with checkpoints that never come to effect', () => {
    const ledger = new SessionLedger(100_000);
    let most = 0;
    for (let count = 0; count < 10_000; count += 1) {
      ledger.take(frame({}, { frames: 1_000_000, pending: [1, 2, 3] }));
      most = Math.max(most, ledger.bytes);
    }
    expect(most).toBeLessThanOrEqual(100_000);
    expect([ledger.isClosed, ledger.bytes]).toEqual([true, 0]);
  });

  it('gives a session up whose checkpoint holds more than anybody reads', () => {
    const ledger = new SessionLedger(1_000_000);
    ledger.take(frame({ n: 0 }));
    expect(ledger.take(frame({ state: Array(110_000).fill([]) }))).toEqual([]);
    expect([ledger.complete, ledger.isClosed]).toEqual([false, true]);
  });

  it('is not changed by what is no checkpoint, and says so', () => {
    const ledger = new SessionLedger(1000);
    for (const text of ['', '{', '[]', '{"type":"session_checkpoint"}', '{"seen":-1,"frames":0,"set":{}}']) {
      expect(ledger.take({ data: Buffer.from(text), isBinary: false })).toBeUndefined();
    }
    expect([ledger.complete, ledger.isClosed]).toEqual([false, false]);
  });
});
