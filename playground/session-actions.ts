import type { SegmentEntry } from '../src/client/segment-entry.ts';
import { running } from '../src/client/segment-queue.ts';
import type { Session } from '../src/client/session.ts';
import type { SessionStatus } from '../src/client/session-status.ts';
import { isAvailable, pageElement, setAvailable, setText } from './page-element.ts';

/** Pause, cancel, end, connect. */
export class SessionActions {
  readonly #pause = pageElement('pause', HTMLButtonElement);
  readonly #cancel = pageElement('cancel', HTMLButtonElement);
  readonly #leave = pageElement('leave', HTMLButtonElement);
  readonly #connect = pageElement('connect', HTMLButtonElement);

  constructor(session: Session) {
    const onClick = (button: HTMLButtonElement, act: () => void) =>
      button.addEventListener('click', () => {
        if (isAvailable(button)) act();
      });
    onClick(this.#pause, () => session.setPaused(!session.status.paused));
    onClick(this.#cancel, () => session.cancelSegment());
    onClick(this.#leave, () => session.leave());
    onClick(this.#connect, () => session.connect());
  }

  show({ phase, paused }: SessionStatus, entries: readonly SegmentEntry[]): void {
    const open = phase === 'active' || phase === 'connecting' || phase === 'queued';
    setAvailable(this.#pause, open || paused);
    setText(this.#pause, paused ? 'Resume generation' : 'Pause generation');
    setAvailable(this.#cancel, phase === 'active' && running({ entries }) !== undefined);
    setAvailable(this.#leave, open || phase === 'reconnecting');
    setAvailable(this.#connect, !open);
    setText(this.#connect, phase === 'reconnecting' ? 'Connect now' : 'Connect');
  }
}
