import { examplePrompts } from './example-prompts.ts';
import { pageElement } from './page-element.ts';

/** The prompt box and the examples. */
export class Composer {
  readonly #prompt = pageElement('prompt', HTMLTextAreaElement);

  constructor(onSend: (prompt: string) => void) {
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
    const examples = pageElement('examples', HTMLElement);
    for (const prompt of examplePrompts) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = prompt;
      button.addEventListener('click', () => onSend(prompt));
      examples.append(button);
    }
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
