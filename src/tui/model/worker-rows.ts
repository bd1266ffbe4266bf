import type { GpuReading, SessionReading } from '../source/status-reading.ts';
import { cleanText } from '../text/clean-text.ts';
import { formatMs } from '../text/format.ts';
import type { Tone } from '../text/line.ts';
import type { Fleet } from './fleet.ts';
import { type Progress, progressOf } from './progress.ts';

/** One GPU as the table shows it. */
export interface WorkerRow {
  readonly replica: string;
  readonly gpu: string;
  readonly state: string;
  readonly stateTone: Tone;
  /** How much an operator wants to see it: 0 most. */
  readonly urgency: number;
  /** The one whose segment it makes. */
  readonly session: string;
  /** Further sessions: an in-process worker serves several in turn. */
  readonly others: number;
  readonly segment: string;
  readonly progress: Progress | undefined;
  readonly model: string;
  readonly warmup: { readonly text: string; readonly tone: Tone };
  readonly restarts: number | undefined;
  readonly error: string;
}

const states: Readonly<Record<string, { readonly tone: Tone; readonly urgency: number }>> = {
  parked: { tone: 'bad', urgency: 0 },
  dead: { tone: 'bad', urgency: 0 },
  restarting: { tone: 'warn', urgency: 1 },
  starting: { tone: 'warn', urgency: 2 },
  warming: { tone: 'warn', urgency: 2 },
  busy: { tone: 'good', urgency: 3 },
  bound: { tone: 'plain', urgency: 4 },
  idle: { tone: 'dim', urgency: 5 },
  stopped: { tone: 'dim', urgency: 6 },
};

export function workerRows({ members }: Fleet): WorkerRow[] {
  return members.flatMap(({ name, status }) =>
    Object.entries(status.gpu_status).map(([gpu, reading]) => {
      const { worker_id: id } = reading;
      const own = (status.sessions ?? []).filter(({ worker_id }) => id !== undefined && worker_id === id);
      return workerRow(name, gpu, reading, own);
    }),
  );
}

function workerRow(
  replica: string,
  gpu: string,
  reading: GpuReading,
  sessions: readonly SessionReading[],
): WorkerRow {
  const session = sessions.find(({ segment_idx }) => segment_idx != null) ?? sessions[0];
  const state = cleanText(reading.state ?? deriveState(reading));
  const { tone, urgency } = states[state] ?? { tone: 'plain', urgency: 3 };
  return {
    replica,
    gpu: cleanText(gpu),
    state,
    stateTone: tone,
    urgency,
    session: session ? cleanText(session.session_id) : '',
    others: Math.max(0, sessions.length - 1),
    segment: session?.segment_idx == null ? '' : String(session.segment_idx),
    progress: session && progressOf(session),
    model: cleanText(reading.current_model_id ?? ''),
    warmup: warmupOf(reading),
    restarts: reading.restarts,
    error: cleanText(reading.error ?? reading.warmup_error ?? ''),
  };
}

/** The state in the words of ours, for a server that does not tell it. */
function deriveState({ ready, available, process_alive, client_count, warmup_success }: GpuReading): string {
  if (process_alive === false) return 'dead';
  if (ready === false) return warmup_success === null ? 'warming' : 'starting';
  if (available === false || (client_count ?? 0) > 0) return 'bound';
  return ready === undefined ? '' : 'idle';
}

function warmupOf(reading: GpuReading): WorkerRow['warmup'] {
  const { warmup_enabled: enabled, warmup_success: success, warmup_timings: timings = {} } = reading;
  if (success === true) {
    const times = Object.entries(timings).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    );
    const [, total] = times.find(([name]) => name.includes('total')) ?? [];
    const ms = total ?? times.reduce((sum, [, time]) => sum + time, 0);
    return { text: ms > 0 ? `ok ${formatMs(ms)}` : 'ok', tone: 'plain' };
  }
  if (success === false) return { text: 'failed', tone: 'bad' };
  if (enabled === undefined) return { text: '', tone: 'plain' };
  return { text: enabled ? 'pending' : 'off', tone: 'dim' };
}
