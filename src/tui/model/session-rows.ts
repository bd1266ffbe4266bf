import { cleanText } from '../text/clean-text.ts';
import type { Tone } from '../text/line.ts';
import type { Fleet } from './fleet.ts';
import { type Progress, progressOf } from './progress.ts';

/** One connected session as the table shows it. */
export interface SessionRow {
  readonly replica: string;
  readonly session: string;
  readonly state: string;
  readonly stateTone: Tone;
  readonly urgency: number;
  /** Of its worker; the id of the worker where it is not listed. */
  readonly gpu: string;
  readonly segment: string;
  readonly progress: Progress | undefined;
  readonly done: number | undefined;
  readonly waiting: number | undefined;
  readonly idleSeconds: number | undefined;
}

const states: Readonly<Record<string, { readonly tone: Tone; readonly urgency: number }>> = {
  queued: { tone: 'warn', urgency: 0 },
  initializing: { tone: 'dim', urgency: 1 },
  'gpu binding': { tone: 'warn', urgency: 2 },
  active: { tone: 'plain', urgency: 3 },
};

export function sessionRows({ members }: Fleet): SessionRow[] {
  return members.flatMap(({ name, status }) => {
    const gpus = new Map(
      Object.entries(status.gpu_status).flatMap(([gpu, { worker_id: id }]) =>
        id ? [[id, gpu] as const] : [],
      ),
    );
    return (status.sessions ?? []).map((session) => {
      const state = cleanText(session.state ?? '')
        .toLowerCase()
        .replaceAll('_', ' ');
      const { tone, urgency } = states[state] ?? { tone: 'plain', urgency: 3 };
      return {
        replica: name,
        session: cleanText(session.session_id),
        state,
        stateTone: tone,
        urgency,
        gpu: cleanText(gpus.get(session.worker_id ?? '') ?? session.worker_id ?? ''),
        segment: session.segment_idx == null ? '' : String(session.segment_idx),
        progress: progressOf(session),
        done: session.completed_segments,
        waiting: session.waiting_requests,
        idleSeconds: session.idle_seconds,
      };
    });
  });
}

/** Sessions connected, also those that the server does not list. */
export function sessionCount({ members }: Fleet): number | undefined {
  const counts = members.flatMap(({ status }) => status.session_count ?? status.sessions?.length ?? []);
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}
