import type { SegmentEntry } from '../src/client/segment-entry.ts';
import { running, waitingCount } from '../src/client/segment-queue.ts';
import type { SessionStatus } from '../src/client/session-status.ts';
import { queueReasonWords } from '../src/core/protocol/queue-reason.ts';
import { formatMs } from './format-measure.ts';
import { pageElement, setText } from './page-element.ts';
import { modelNote, phaseWords } from './session-words.ts';

/** The connection, the line under the video, the steps and the model's note. */
export class StatusView {
  readonly #connection = pageElement('connection', HTMLElement);
  readonly #line = pageElement('status', HTMLElement);
  readonly #numbers = pageElement('numbers', HTMLElement);
  readonly #steps = pageElement('steps', HTMLProgressElement);
  readonly #note = pageElement('session-note', HTMLElement);
  readonly #model = pageElement('model', HTMLElement);
  #countdown: ReturnType<typeof setInterval> | undefined;

  /** `playing`: a sentence about the playing; may be empty. */
  show(status: SessionStatus, entries: readonly SegmentEntry[], playing: string): void {
    setText(this.#connection, phaseWords(status));
    this.#connection.dataset.phase = status.phase;
    setText(this.#line, statusLine(status, entries));
    setText(this.#note, `${status.note} ${playing}`.trim());
    setText(this.#model, modelNote(status));
    const current = running({ entries });
    this.#steps.max = Math.max(1, current?.totalSteps ?? 1);
    this.#steps.value = current?.step ?? 0;
    this.#showNumbers(status, entries);
  }

  /** Until the next try to connect the seconds are counted, outside of what is read out. */
  #showNumbers(status: SessionStatus, entries: readonly SegmentEntry[]): void {
    clearInterval(this.#countdown);
    const { retry } = status;
    if (!retry) {
      setText(this.#numbers, numbers(entries));
      return;
    }
    const count = () => setText(this.#numbers, `next try in ${secondsUntil(retry.at)} s`);
    count();
    this.#countdown = setInterval(count, 250);
  }
}

/** Changes with the phase and the segment only, not with every step: it is read out. */
export function statusLine(status: SessionStatus, entries: readonly SegmentEntry[]): string {
  const { phase, detail, paused, position } = status;
  const current = running({ entries });
  const waiting = waitingCount({ entries });
  switch (phase) {
    case 'idle':
      return 'Type a prompt below, or choose an example.';
    case 'connecting':
      return 'Connecting …';
    case 'queued':
      return `${queueReasonWords(status.queueReason)}. Your position in the queue: ${position}.`;
    case 'reconnecting':
      return `No connection. ${detail}: the page tries again by itself; Connect now does so at once.`;
    case 'ended':
      return `${detail} Send a prompt or choose Connect for a new one.`;
    case 'disconnected':
      return `Not connected. ${detail} Choose Connect to try again.`.replace('  ', ' ');
    case 'active':
      if (current) {
        const more = waiting > 0 ? `, ${waiting} waiting` : '';
        return `${paused ? 'Finishing' : 'Generating'} segment ${current.key}${more}${paused ? ', then paused' : ''}`;
      }
      if (paused) return `Paused${waiting > 0 ? `, ${waiting} waiting` : ''}`;
      return detail === '' ? 'Ready for the next prompt' : detail;
  }
}

function secondsUntil(time: number): number {
  return Math.max(0, Math.ceil((time - Date.now()) / 1000));
}

function numbers(entries: readonly SegmentEntry[]): string {
  const latest = entries.findLast(({ firstFrameMs }) => firstFrameMs !== undefined);
  const current = running({ entries });
  const parts: string[] = [];
  if (current && current.totalSteps > 0) parts.push(`step ${current.step} of ${current.totalSteps}`);
  if (latest?.firstFrameMs !== undefined) parts.push(`first frame ${formatMs(latest.firstFrameMs)}`);
  return parts.join(' · ');
}
