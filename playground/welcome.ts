import { isOver, type SegmentEntry } from '../src/client/segment-entry.ts';
import type { SessionStatus } from '../src/client/session-status.ts';
import type { ModelWords } from './model-words.ts';
import { pageElement, setText } from './page-element.ts';

/** The screen before the first picture: what this is, and one click to see it. */
export class Welcome {
  readonly #screen = pageElement('screen', HTMLElement);
  readonly #title = pageElement('welcome-title', HTMLElement);
  readonly #text = pageElement('welcome-text', HTMLElement);
  readonly #start = pageElement('start', HTMLButtonElement);
  #words: ModelWords;

  constructor(words: ModelWords, onStart: (prompt: string) => void) {
    this.#words = words;
    this.#start.addEventListener('click', () => onStart(this.#words.examples[0]));
    this.describe(words);
  }

  describe(words: ModelWords): void {
    this.#words = words;
    setText(this.#start, `▶ Play “${words.examples[0]}”`);
    this.#show();
  }

  /** Whether something was asked for that is to come. */
  show({ phase }: SessionStatus, entries: readonly SegmentEntry[]): void {
    if (this.#screen.dataset.state === 'playing') return;
    const isTrying =
      phase === 'connecting' || phase === 'queued' || phase === 'active' || phase === 'reconnecting';
    const isWaiting = isTrying && entries.some((entry) => !isOver(entry));
    this.#screen.dataset.state = isWaiting ? 'waiting' : 'empty';
    this.#show();
  }

  /** The first picture comes. */
  leave(): void {
    this.#screen.dataset.state = 'playing';
  }

  #show(): void {
    const isWaiting = this.#screen.dataset.state === 'waiting';
    setText(this.#title, isWaiting ? 'Your video is on its way …' : this.#words.title);
    setText(this.#text, this.#words.makes || 'Each further prompt continues from the last picture.');
  }
}
