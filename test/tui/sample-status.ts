import type {
  GpuStatus,
  RecentError,
  ServerStatus,
  SessionStatus,
} from '../../src/core/protocol/http/status.ts';

export function gpu(index: number, over: Partial<GpuStatus> = {}): GpuStatus {
  return {
    ready: true,
    available: false,
    client_count: 1,
    current_model_id: 'FastVideo/LTX2-Distilled-Diffusers',
    process_alive: true,
    warmup_enabled: true,
    warmup_success: true,
    warmup_error: null,
    warmup_timings: { load: 3200, total: 4210 },
    worker_id: `worker-${index}`,
    state: 'busy',
    pid: 4000 + index,
    restarts: 0,
    error: null,
    ...over,
  };
}

export function session(id: string, over: Partial<SessionStatus> = {}): SessionStatus {
  return {
    session_id: id,
    state: 'ACTIVE',
    worker_id: null,
    segment_idx: null,
    step: 0,
    total_steps: 0,
    completed_segments: 0,
    waiting_requests: 0,
    idle_seconds: 0,
    ...over,
  };
}

/** One idle GPU and nobody there. */
export function quietStatus(over: Partial<ServerStatus> = {}): ServerStatus {
  return {
    total_gpus: 1,
    available_gpus: 1,
    queue_size: 0,
    warmup_enabled: true,
    warmup_successful_gpus: 1,
    warmup_failed_gpus: 0,
    gpu_status: { '0': gpu(0, { state: 'idle', available: true, client_count: 0 }) },
    service: 'fastvideo',
    version: '0.1.0',
    draining: false,
    uptime_seconds: 75,
    store: { kind: 'memory', ok: true, reason: null },
    session_count: 0,
    max_sessions: 17,
    sessions: [],
    prompt_provider_success_counts: {},
    totals: {
      segments_completed: 0,
      segments_failed: 0,
      segments_cancelled: 0,
      media_bytes: 0,
      first_media_count: 0,
      first_media_ms_sum: 0,
    },
    recent_errors: [],
    ...over,
  };
}

const uuid = (index: number) =>
  `${(0x5f3a91c2 + index * 0x01030507).toString(16)}-4b1d-4a7e-9c1e-0242ac12000${index % 10}`;

/** Eight GPUs in every state, twenty sessions, errors: as after `polls` polls. */
export function crowdedStatus(polls = 0): ServerStatus {
  const step = (index: number) => (7 * index + 3 * polls) % 51;
  const gpus: Record<string, GpuStatus> = {
    '0': gpu(0),
    '1': gpu(1, { restarts: 2 }),
    '2': gpu(2, { state: 'bound' }),
    '3': gpu(3, { state: 'idle', available: true, client_count: 0 }),
    '4': gpu(4, {
      state: 'restarting',
      ready: false,
      process_alive: false,
      restarts: 4,
      pid: null,
      error: 'CUDA out of memory: tried to allocate 2.50 GiB (GPU 4; 79.1 GiB total, 77.9 GiB in use)',
    }),
    '5': gpu(5, { state: 'warming', ready: false, warmup_success: null, warmup_timings: {} }),
    '6': gpu(6, {
      state: 'parked',
      ready: false,
      process_alive: false,
      warmup_success: false,
      warmup_error: 'warm-up took longer than 2400 s',
      restarts: 12,
      error: '\u001b[31mdied\u001b[0m five times in a minute\r\n\u0007exit code 139',
    }),
    '7': gpu(7, { current_model_id: '組織/とても長い名前のビデオモデル-蒸留版-v2' }),
  };
  const bound = ['0', '1', '2', '7'];
  const sessions = Array.from({ length: 20 }, (_, index) => {
    const on = bound[index];
    if (on === undefined) {
      return session(uuid(index), {
        state: index === 19 ? 'INITIALIZING' : 'QUEUED',
        waiting_requests: index % 3,
        idle_seconds: index * 4.2,
      });
    }
    const isBusy = on !== '2';
    return session(uuid(index), {
      worker_id: `worker-${on}`,
      segment_idx: isBusy ? 3 + index : null,
      step: isBusy ? step(Number(on)) : 0,
      total_steps: isBusy ? 50 : 0,
      completed_segments: 3 + index,
      waiting_requests: index,
      idle_seconds: isBusy ? 0 : 42,
    });
  });
  const errors: RecentError[] = Array.from({ length: 9 }, (_, index) => ({
    ts: new Date(Date.UTC(2026, 4, 17, 12, 30, 50 - index * 5)).toISOString(),
    code: ['worker_failed', 'gpu_unavailable', 'upstream_timeout', 'invalid_message'][index % 4] ?? '',
    message:
      [
        'The worker died during segment 7: CUDA out of memory.',
        'No worker became free within 60 s.',
        '段階 42 の後で時間切れになりました (120 s)',
        'sampling.num_frames: must be at most 241',
      ][index % 4] ?? '',
    session_id: index % 3 === 2 ? null : uuid(index),
  }));
  return quietStatus({
    total_gpus: 8,
    available_gpus: 1,
    queue_size: 15,
    warmup_successful_gpus: 6,
    warmup_failed_gpus: 1,
    gpu_status: gpus,
    uptime_seconds: 273_600 + polls,
    session_count: 20,
    max_sessions: 64,
    sessions,
    totals: {
      segments_completed: 1204 + Math.floor(polls * 1.5 + Math.sin(polls / 4) * 3),
      segments_failed: 3,
      segments_cancelled: 2,
      media_bytes: 9_000_000_000 + Math.floor(polls * 3_400_000 + Math.sin(polls / 3) * 5e6),
      first_media_count: 1200 + polls,
      first_media_ms_sum: 384_000 + polls * 312 + Math.floor(Math.sin(polls / 5) * 300),
    },
    recent_errors: errors,
  });
}
