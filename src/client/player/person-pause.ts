/** Whether the person paused a `<video>`, and neither its player, nor its end, nor the browser because nobody sees it. */
export class PersonPause {
  readonly #video: HTMLVideoElement;
  /** The player waits for media. */
  readonly #isHeld: () => boolean;
  /** It was played, and not paused since. */
  #playing = false;
  #active = false;

  constructor(video: HTMLVideoElement, isHeld: () => boolean) {
    this.#video = video;
    this.#isHeld = isHeld;
  }

  get active(): boolean {
    return this.#active;
  }

  /** It plays. */
  played(): void {
    this.#playing = true;
    this.#active = false;
  }

  /** To be called at `timeupdate` too: it comes before `pause`. */
  notice(): void {
    if (!this.#playing || !this.#video.paused) return;
    this.#playing = false;
    if (!this.#isHeld() && !this.#video.ended && !document.hidden) this.#active = true;
  }

  /** It is to be played on. */
  end(): void {
    this.#active = false;
  }

  /** Another source was given to the `<video>`, which stops it. */
  sourceChanged(): void {
    this.#playing = false;
    this.#active = false;
  }
}
