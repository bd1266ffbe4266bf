/** Milliseconds that a sentence stays at least, so that it can be read. */
const readingMs = 6000;

/** A sentence about the playing of the video, until another segment begins. */
export class PlayingNote {
  #sentence = '';
  #since = 0;

  get sentence(): string {
    return this.#sentence;
  }

  say(sentence: string): void {
    this.#sentence = sentence;
    this.#since = performance.now();
  }

  segmentBegins(): void {
    if (performance.now() - this.#since >= readingMs) this.#sentence = '';
  }
}
