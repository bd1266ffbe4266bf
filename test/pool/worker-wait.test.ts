import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Bindings, type Slot } from '../../src/core/pool/bindings.ts';
import type { Pool, WorkerInfo, WorkerStatus } from '../../src/core/pool/pool.ts';
import { type Waiting, WorkerWait } from '../../src/core/pool/worker-wait.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const info = { workerId: 'w0' } as WorkerInfo;

/** One worker that `other` holds, and a session that waits for it; what the session was told. */
function oneWorker() {
  const slot: Slot & { ready: boolean } = { capacity: 1, ready: true };
  const bindings = new Bindings<Slot>();
  bindings.add(slot);
  const use = { idle: false };
  const pool = {
    acquire: async (id: string, options: Parameters<Pool['acquire']>[1]) => {
      await bindings.acquire(id, { ...options, timeoutMs: 1_000_000 });
      return info;
    },
    status: () => ({
      queueDepth: bindings.queueDepth,
      workers: [{ ready: slot.ready, idleSessions: use.idle ? 1 : 0 } as WorkerStatus],
    }),
  };
  const told: Waiting[] = [];
  const wait = new WorkerWait(pool, (waiting) => told.push(waiting));
  const reasons = () => told.map(({ reason }) => reason);
  return { bindings, slot, use, wait, reasons };
}

const signal = new AbortController().signal;

test('a wait is told each new reason once', async () => {
  const { bindings, slot, use, wait, reasons } = oneWorker();
  slot.ready = false;
  const worker = wait.acquire('waiting', signal);
  expect(reasons()).toEqual(['warming_up']);
  await vi.advanceTimersByTimeAsync(5000);
  expect(reasons()).toEqual(['warming_up']);
  const other = bindings.acquire('other', { signal, timeoutMs: 1_000_000, onPosition: () => undefined });
  slot.ready = true;
  bindings.settle();
  expect(await worker).toBe(info);
  await vi.advanceTimersByTimeAsync(5000);
  expect(reasons()).toEqual(['warming_up']);
  bindings.release('waiting');
  await other;
  use.idle = true;
  const again = wait.acquire('waiting', signal);
  await vi.advanceTimersByTimeAsync(5000);
  use.idle = false;
  await vi.advanceTimersByTimeAsync(5000);
  expect(reasons().slice(1)).toEqual(['workers_busy', 'idle_session', 'workers_busy']);
  bindings.release('other');
  await again;
});

test('a session between two segments is not idle', async () => {
  const { bindings, use, wait, reasons } = oneWorker();
  await bindings.acquire('other', { signal, timeoutMs: 1, onPosition: () => undefined });
  const worker = wait.acquire('waiting', signal);
  for (const idle of [true, false, true, false]) {
    use.idle = idle;
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(reasons()).toEqual(['workers_busy']);
  bindings.release('other');
  await worker;
});

test('draining is told to who waits, and to nobody else', async () => {
  const { bindings, wait, reasons } = oneWorker();
  wait.drain();
  await bindings.acquire('other', { signal, timeoutMs: 1, onPosition: () => undefined });
  const worker = wait.acquire('waiting', signal);
  wait.drain();
  await vi.advanceTimersByTimeAsync(5000);
  expect(reasons()).toEqual(['workers_busy', 'draining']);
  bindings.release('other');
  await worker;
  wait.drain();
  expect(reasons()).toHaveLength(2);
});
