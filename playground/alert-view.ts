import { pageElement } from './page-element.ts';

/** The last thing that went wrong, until it is dismissed or something went right. */
export class AlertView {
  readonly #alert = pageElement('alert', HTMLElement);
  readonly #onDismiss: () => void;

  /** `onDismiss` puts the focus where it can go on. */
  constructor(onDismiss: () => void) {
    this.#onDismiss = onDismiss;
  }

  show(sentence: string): void {
    const text = document.createElement('span');
    text.textContent = sentence;
    const dismiss = document.createElement('button');
    dismiss.type = 'button';
    dismiss.textContent = 'Dismiss';
    dismiss.addEventListener('click', () => {
      this.clear();
      this.#onDismiss();
    });
    this.#alert.replaceChildren(text, dismiss);
  }

  clear(): void {
    this.#alert.replaceChildren();
  }
}
