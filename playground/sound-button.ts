import { pageElement } from './page-element.ts';

/** Shown while the browser lets the video play only without sound. */
export class SoundButton {
  readonly #button = pageElement('sound', HTMLButtonElement);
  readonly #video: HTMLVideoElement;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#button.addEventListener('click', () => {
      video.muted = false;
    });
    video.addEventListener('volumechange', () => {
      if (!video.muted) this.#hide();
    });
  }

  show(): void {
    this.#button.hidden = false;
  }

  #hide(): void {
    if (document.activeElement === this.#button) this.#video.focus();
    this.#button.hidden = true;
  }
}
