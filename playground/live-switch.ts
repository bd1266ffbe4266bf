import { pageElement } from './page-element.ts';

/** *Live*: the video runs on by itself, and what is sent changes the running picture. */
export class LiveSwitch {
  readonly #box = pageElement('live', HTMLInputElement);
  #words: string | undefined;

  constructor(onChange: (on: boolean) => void) {
    this.#box.addEventListener('change', () => onChange(this.on));
  }

  get on(): boolean {
    return this.#box.checked;
  }

  /** As a link to the page has it. */
  set(on: boolean): void {
    this.#box.checked = on;
  }

  /** What was sent last, which a live stream goes on with; undefined before anything was sent. */
  get words(): string | undefined {
    return this.#words;
  }

  set words(words: string) {
    this.#words = words;
  }
}
