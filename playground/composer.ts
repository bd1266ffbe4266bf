import { pageElement } from './page-element.ts';

/** The prompt box and the examples. */
export class Composer {
  readonly #prompt = pageElement('prompt', HTMLTextAreaElement);
  readonly #examples = pageElement('examples', HTMLElement);
  readonly #onSend: (prompt: string) => void;

  constructor(onSend: (prompt: string) => void) {
    this.#onSend = onSend;
    const form = pageElement('composer', HTMLFormElement);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const prompt = this.#prompt.value.trim();
      if (prompt === '') return;
      this.#prompt.value = '';
      this.#prompt.focus();
      onSend(prompt);
    });
    this.#prompt.addEventListener('keydown', (event) => {
      // Enter that ends the composition of a character does not send.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }

  /** What can be tried with one click. */
  suggest(prompts: readonly [string, ...string[]]): void {
    const buttons = prompts.map((prompt) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = prompt;
      button.addEventListener('click', () => this.#onSend(prompt));
      return button;
    });
    this.#examples.replaceChildren(...buttons);
    this.#prompt.placeholder = prompts[0];
  }

  get prompt(): string {
    return this.#prompt.value.trim();
  }

  /** Puts a prompt back into the box, unless something else was typed meanwhile. */
  giveBack(prompt: string): void {
    if (this.#prompt.value === '') this.#prompt.value = prompt;
  }

  focus(): void {
    this.#prompt.focus();
  }
}
