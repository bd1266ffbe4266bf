import { cleanText } from '../text/clean-text.ts';
import { formatClock } from '../text/format.ts';
import type { Tone } from '../text/line.ts';
import { type Fleet, replicaName } from './fleet.ts';
import { sessionCount } from './session-rows.ts';

/** One replica as its router sees it. */
export interface ReplicaRow {
  readonly replica: string;
  readonly primary: boolean;
  readonly state: string;
  readonly stateTone: Tone;
  readonly urgency: number;
  readonly workers: string;
  readonly sessions: string;
  readonly queue: string;
  readonly latencyMs: number | undefined;
  readonly lastOk: string;
  readonly failures: number;
  readonly note: string;
}

const states: Readonly<Record<string, { readonly tone: Tone; readonly urgency: number }>> = {
  unhealthy: { tone: 'bad', urgency: 0 },
  unknown: { tone: 'warn', urgency: 1 },
  healthy: { tone: 'good', urgency: 2 },
};

export function replicaRows({ replicas = [] }: Fleet): ReplicaRow[] {
  return replicas.map((replica) => {
    const { detail, problem } = replica;
    const state = cleanText(replica.status);
    const { tone, urgency } = states[state] ?? { tone: 'plain', urgency: 1 };
    const member = detail && { name: '', status: detail };
    return {
      replica: replicaName(replica),
      primary: replica.primary ?? false,
      state: detail?.draining ? `${state}, draining` : state,
      stateTone: tone,
      urgency,
      workers: detail ? `${readyCount(detail.gpu_status)}/${detail.total_gpus}` : '',
      sessions: member ? String(sessionCount({ members: [member] }) ?? '') : '',
      queue: detail?.queue_size === undefined ? '' : String(detail.queue_size),
      latencyMs: replica.last_latency_ms ?? undefined,
      lastOk: lastOkText(replica.last_ok_at),
      failures: replica.consecutive_failures ?? 0,
      note: problem === undefined ? '' : cleanText(problem),
    };
  });
}

function readyCount(gpus: Readonly<Record<string, { readonly ready?: boolean | undefined }>>): number {
  return Object.values(gpus).filter(({ ready }) => ready).length;
}

/** A router tells ISO 8601 or seconds since 1970. */
function lastOkText(value: string | number | null | undefined): string {
  if (value == null) return 'never';
  const atMs = typeof value === 'number' ? value * 1000 : Date.parse(value);
  return Number.isNaN(atMs) ? cleanText(String(value)) : formatClock(atMs);
}
