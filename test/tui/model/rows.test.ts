import { describe, expect, it } from 'vitest';
import { errorRows } from '../../../src/tui/model/error-rows.ts';
import { readFleet } from '../../../src/tui/model/fleet.ts';
import { replicaRows } from '../../../src/tui/model/replica-rows.ts';
import { sessionCount, sessionRows } from '../../../src/tui/model/session-rows.ts';
import { workerRows } from '../../../src/tui/model/worker-rows.ts';
import type { GpuReading } from '../../../src/tui/source/status-reading.ts';
import { crowdedStatus, gpu, quietStatus, session } from '../sample-status.ts';

function workerOf(reading: GpuReading, sessions = [session('s-1', { worker_id: 'worker-0' })]) {
  const [row] = workerRows(readFleet({ ...quietStatus({ sessions }), gpu_status: { '0': reading } }));
  if (!row) throw new Error('A GPU has a row.');
  return row;
}

describe('workerRows', () => {
  it('finds the session of a worker and how far its segment is', () => {
    const sessions = [
      session('other', { worker_id: 'worker-9' }),
      session('mine', { worker_id: 'worker-0', segment_idx: 0, step: 4, total_steps: 50 }),
    ];
    expect(workerOf(gpu(0), sessions)).toMatchObject({
      gpu: '0',
      state: 'busy',
      session: 'mine',
      segment: '0',
      progress: { done: 4, total: 50, text: ' 4/50' },
    });
  });

  it('shows the session whose segment is made where a worker has several', () => {
    const sessions = [
      session('a', { worker_id: 'worker-0' }),
      session('b', { worker_id: 'worker-0', segment_idx: 2, step: 1, total_steps: 5 }),
      session('c', { worker_id: 'worker-0' }),
    ];
    expect(workerOf(gpu(0), sessions)).toMatchObject({ session: 'b', others: 2, segment: '2' });
  });

  it.each([
    [{ process_alive: false }, 'dead'],
    [{ process_alive: true, ready: false, warmup_success: null }, 'warming'],
    [{ process_alive: true, ready: false, warmup_success: true }, 'starting'],
    [{ ready: true, available: false }, 'bound'],
    [{ ready: true, available: true, client_count: 1 }, 'bound'],
    [{ ready: true, available: true, client_count: 0 }, 'idle'],
    [{}, ''],
    [{ state: 'a state of tomorrow' }, 'a state of tomorrow'],
  ] as const)('reads the state of %j as %s', (reading, state) => {
    expect(workerOf(reading).state).toBe(state);
  });

  it.each([
    [{ warmup_success: true, warmup_timings: { load: 500, total_ms: 4210 } }, 'ok 4.2 s'],
    [{ warmup_success: true, warmup_timings: { first: 100, second: 212 } }, 'ok 312 ms'],
    [{ warmup_success: true, warmup_timings: { odd: null } }, 'ok'],
    [{ warmup_success: false, warmup_enabled: true }, 'failed'],
    [{ warmup_success: null, warmup_enabled: true }, 'pending'],
    [{ warmup_success: null, warmup_enabled: false }, 'off'],
    [{}, ''],
  ] as const)('says of the warm-up %j: %s', (reading, text) => {
    expect(workerOf(reading).warmup.text).toBe(text);
  });

  it('shows why a worker is not ready, without what would steer the terminal', () => {
    expect(workerOf(gpu(0, { error: '\x1b[2Jdied\nexit 1' })).error).toBe('died exit 1');
    expect(workerOf(gpu(0, { warmup_error: 'took too long' })).error).toBe('took too long');
  });
});

describe('sessionRows', () => {
  it('names the GPU of a session, or the worker where it is not listed', () => {
    const sessions = [
      session('a', { worker_id: 'worker-0', state: 'GPU_BINDING' }),
      session('b', { worker_id: 'elsewhere' }),
      session('c'),
    ];
    const rows = sessionRows(readFleet(quietStatus({ sessions })));
    expect(rows.map(({ gpu: on, state }) => [on, state])).toEqual([
      ['0', 'gpu binding'],
      ['elsewhere', 'active'],
      ['', 'active'],
    ]);
  });

  it('counts also those that the server does not list', () => {
    expect(sessionCount(readFleet(quietStatus({ session_count: 431 })))).toBe(431);
    const { sessions: _, session_count: __, ...foreign } = quietStatus();
    expect(sessionCount(readFleet(foreign))).toBeUndefined();
  });
});

describe('errorRows', () => {
  it('puts the newest of all replicas first and reads a bad time as it is', () => {
    const at = (ts: string, message: string) => ({ ts, code: 'worker_failed', message, session_id: null });
    const fleet = readFleet({
      replicas: [
        {
          url: 'http://a:1',
          status: 'healthy',
          detail: quietStatus({ recent_errors: [at('2026-01-01T10:00:00Z', 'old')] }),
        },
        {
          url: 'http://b:1',
          status: 'healthy',
          detail: quietStatus({ recent_errors: [at('2026-01-01T11:00:00Z', 'new'), at('soon', 'odd')] }),
        },
      ],
    });
    expect(errorRows(fleet).map(({ message, replica }) => [message, replica])).toEqual([
      ['new', 'b:1'],
      ['old', 'a:1'],
      ['odd', 'b:1'],
    ]);
    expect(errorRows(fleet)[2]?.time).toBe('soon');
  });
});

describe('replicaRows', () => {
  it('joins what the router says with what the replica says', () => {
    const fleet = readFleet({
      replicas: [
        {
          url: 'http://a:8000',
          status: 'healthy',
          primary: true,
          last_latency_ms: 3,
          detail: crowdedStatus(),
        },
        {
          url: 'http://b:8000',
          status: 'unhealthy',
          last_ok_at: null,
          consecutive_failures: 3,
          problem: 'refused',
        },
        { url: 'http://c:8000', status: 'healthy', detail: quietStatus({ draining: true }) },
      ],
    });
    expect(replicaRows(fleet)).toMatchObject([
      { replica: 'a:8000', primary: true, workers: '5/8', sessions: '20', queue: '15', latencyMs: 3 },
      { replica: 'b:8000', state: 'unhealthy', workers: '', lastOk: 'never', failures: 3, note: 'refused' },
      { state: 'healthy, draining' },
    ]);
  });
});
