import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type LiveSession, SessionRegistry } from '../../src/core/sessions/registry.ts';

function live(id: string, idle: () => number, onExpire: () => void): LiveSession {
  return {
    id,
    phase: 'ACTIVE',
    clockMs: idle,
    expire: onExpire,
    drain: async () => {},
    terminate: async () => {},
    supersede: () => Promise.reject(new Error('not in this test')),
    describe: () => {
      throw new Error('not in this test');
    },
  };
}

describe('SessionRegistry', () => {
  it('admits up to the limit and again when a place is given back', () => {
    const registry = new SessionRegistry({ maxSessions: 1, sessionTimeoutMs: 1000 });
    const first = registry.admit();
    expect(() => registry.admit()).toThrow(
      expect.objectContaining({ code: 'session_rejected', retryable: false }),
    );
    first.release();
    first.release();
    expect(registry.admit().id).not.toBe(first.id);
  });

  it('rejects retryably while it drains', async () => {
    const registry = new SessionRegistry({ maxSessions: 4, sessionTimeoutMs: 1000 });
    await registry.drain(AbortSignal.timeout(1000));
    expect(() => registry.admit()).toThrow(
      expect.objectContaining({ code: 'session_rejected', retryable: true }),
    );
  });

  it('expires idle sessions and no busy ones', async () => {
    const registry = new SessionRegistry({ maxSessions: 4, sessionTimeoutMs: 60 });
    let busyExpired = false;
    await registry.start();
    const expired = new Promise<string>((resolve) => {
      const idle = registry.admit();
      idle.attach(
        live(
          idle.id,
          () => 100,
          () => resolve('idle'),
        ),
      );
      const busy = registry.admit();
      busy.attach(
        live(
          busy.id,
          () => 0,
          () => {
            busyExpired = true;
          },
        ),
      );
    });
    expect(await expired).toBe('idle');
    expect(busyExpired).toBe(false);
    await registry.stop();
  });

  it('expires none where there is no limit', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const registry = new SessionRegistry({ maxSessions: 4, sessionTimeoutMs: 0 });
    await registry.start();
    const idle = registry.admit();
    const expire = vi.fn();
    idle.attach(live(idle.id, () => 1e9, expire));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(expire).not.toHaveBeenCalled();
    await registry.stop();
  });
});
