import { formatBytes } from './format-measure.ts';
import { isAvailable, pageElement, setAvailable, setText } from './page-element.ts';
import { type Recording, recordingLimit } from './recording.ts';

/** The download of what was received: this session's, and those of the sessions before. */
export class DownloadView {
  readonly #button = pageElement('download', HTMLButtonElement);
  readonly #note = pageElement('recording-note', HTMLElement);
  readonly #earlier = pageElement('earlier', HTMLElement);
  #current: Recording | undefined;
  #shownEarlier: readonly Recording[] = [];

  constructor() {
    this.#button.addEventListener('click', () => {
      if (this.#current && isAvailable(this.#button)) download(this.#current);
    });
  }

  show(recordings: readonly Recording[]): void {
    this.#current = recordings.at(-1);
    setAvailable(this.#button, this.#current !== undefined);
    setText(
      this.#button,
      this.#current ? `Download MP4 (${formatBytes(this.#current.bytes)})` : 'Download MP4',
    );
    const dropped = this.#current?.droppedBytes ?? 0;
    const limit = `the page keeps ${formatBytes(recordingLimit)}`;
    setText(this.#note, dropped > 0 ? `The first ${formatBytes(dropped)} were dropped: ${limit}.` : '');
    this.#showEarlier(recordings.slice(0, -1));
  }

  #showEarlier(earlier: readonly Recording[]): void {
    const same =
      earlier.length === this.#shownEarlier.length &&
      earlier.every((recording, index) => recording === this.#shownEarlier[index]);
    if (same) return;
    this.#shownEarlier = earlier;
    const buttons = earlier.map((recording, index) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = `Earlier session ${index + 1} (${formatBytes(recording.bytes)})`;
      button.addEventListener('click', () => download(recording));
      return button;
    });
    this.#earlier.replaceChildren(...buttons);
  }
}

function download(recording: Recording): void {
  const address = URL.createObjectURL(recording.file());
  const link = document.createElement('a');
  link.href = address;
  link.download = `fastvideo-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.mp4`;
  link.click();
  // The browser reads the blob after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
