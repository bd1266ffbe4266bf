import type { LiveSession } from './live-session.ts';
import { isAvailable, pageElement, setAvailable, setText } from './page-element.ts';
import { running, type SegmentQueue } from './segment-queue.ts';
import type { SessionStatus } from './session-status.ts';

/** Pause, cancel, end, connect. */
export class SessionActions {
  readonly #pause = pageElement('pause', HTMLButtonElement);
  readonly #cancel = pageElement('cancel', HTMLButtonElement);
  readonly #leave = pageElement('leave', HTMLButtonElement);
  readonly #connect = pageElement('connect', HTMLButtonElement);

  constructor(session: LiveSession) {
    const onClick = (button: HTMLButtonElement, act: () => void) =>
      button.addEventListener('click', () => {
        if (isAvailable(button)) act();
      });
    onClick(this.#pause, () => session.setPaused(!session.status.paused));
    onClick(this.#cancel, () => session.cancelSegment());
    onClick(this.#leave, () => session.leave());
    onClick(this.#connect, () => session.connect());
  }

  show({ phase, paused }: SessionStatus, queue: SegmentQueue): void {
    const open = phase === 'active' || phase === 'connecting' || phase === 'queued';
    setAvailable(this.#pause, open || paused);
    setText(this.#pause, paused ? 'Resume generation' : 'Pause generation');
    setAvailable(this.#cancel, phase === 'active' && running(queue) !== undefined);
    setAvailable(this.#leave, open || phase === 'reconnecting');
    setAvailable(this.#connect, !open);
    setText(this.#connect, phase === 'reconnecting' || phase === 'disconnected' ? 'Reconnect' : 'Connect');
  }
}
