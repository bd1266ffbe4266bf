import { pageElement } from './page-element.ts';

/** The last thing that went wrong, until it is dismissed or something went right. */
export class AlertView {
  readonly #alert = pageElement('alert', HTMLElement);
  readonly #onFocusLost: () => void;

  /** `onFocusLost` puts the focus where one can go on. */
  constructor(onFocusLost: () => void) {
    this.#onFocusLost = onFocusLost;
  }

  show(sentence: string): void {
    const text = document.createElement('span');
    text.textContent = sentence;
    const dismiss = document.createElement('button');
    dismiss.type = 'button';
    dismiss.textContent = 'Dismiss';
    dismiss.addEventListener('click', () => {
      this.clear();
    });
    this.#alert.replaceChildren(text, dismiss);
    // It covers nothing, so it may be out of sight.
    this.#alert.scrollIntoView({ block: 'nearest' });
  }

  clear(): void {
    const hadFocus = this.#alert.contains(document.activeElement);
    this.#alert.replaceChildren();
    if (hadFocus) this.#onFocusLost();
  }
}
