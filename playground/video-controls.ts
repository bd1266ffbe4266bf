import { rangesOf } from '../src/client/player/time-ranges.ts';
import { pageElement, setText } from './page-element.ts';
import type { Playback } from './playback.ts';

/** What an iPhone has in place of full screen for other elements than videos. */
interface FullScreenVideo extends HTMLVideoElement {
  webkitEnterFullscreen(): void;
}

/** Play, position, live edge, sound and full screen, over the lower edge of the video. */
export class VideoControls {
  readonly #video: HTMLVideoElement;
  readonly #playback: Playback;
  readonly #screen = pageElement('screen', HTMLElement);
  readonly #play = pageElement('play', HTMLButtonElement);
  readonly #position = pageElement('position', HTMLInputElement);
  readonly #time = pageElement('time', HTMLElement);
  readonly #live = pageElement('go-live', HTMLButtonElement);
  readonly #mute = pageElement('mute', HTMLButtonElement);
  readonly #volume = pageElement('volume', HTMLInputElement);

  constructor(video: HTMLVideoElement, playback: Playback) {
    this.#video = video;
    this.#playback = playback;
    const onClick = (element: HTMLElement, act: () => void) => element.addEventListener('click', act);
    onClick(this.#play, () => this.#togglePlay());
    onClick(video, () => this.#togglePlay());
    onClick(this.#live, () => playback.goLive());
    onClick(this.#mute, () => {
      video.muted = !video.muted;
    });
    const fullScreen = pageElement('full-screen', HTMLButtonElement);
    onClick(fullScreen, () => void this.#toggleFullScreen());
    fullScreen.hidden = !document.fullscreenEnabled && !hasFullScreen(video);
    this.#position.addEventListener('input', () => playback.seek(this.#position.valueAsNumber));
    this.#volume.addEventListener('input', () => {
      video.volume = this.#volume.valueAsNumber;
      video.muted = video.volume === 0;
    });
    const changes = ['timeupdate', 'progress', 'durationchange', 'seeked', 'ratechange', 'volumechange'];
    for (const type of [...changes, 'play', 'pause', 'ended', 'emptied']) {
      video.addEventListener(type, () => this.show());
    }
    this.show();
  }

  /** Shows what holds now. */
  show(): void {
    const { paused, muted, volume, currentTime } = this.#video;
    this.#screen.toggleAttribute('data-paused', paused);
    name(this.#play, paused ? 'Play' : 'Pause');
    name(this.#mute, muted ? 'Unmute' : 'Mute');
    this.#mute.dataset.muted = String(muted);
    this.#play.dataset.paused = String(paused);
    this.#volume.value = String(muted ? 0 : volume);
    const ranges = rangesOf(this.#video.buffered);
    const end = ranges.at(-1)?.end ?? 0;
    this.#position.min = String(ranges[0]?.start ?? 0);
    this.#position.max = String(end);
    this.#position.value = String(currentTime);
    this.#position.setAttribute('aria-valuetext', `${clock(currentTime)} of ${clock(end)}`);
    setText(this.#time, `${clock(currentTime)} / ${clock(end)}`);
    this.#showLive(Math.max(0, end - currentTime));
  }

  #showLive(behind: number): void {
    const { isLive, isAway } = this.#playback;
    this.#live.hidden = !isLive;
    this.#live.dataset.away = String(isAway);
    const rate = this.#video.playbackRate.toFixed(2);
    setText(this.#live, isAway ? 'Go live' : `Live, ${behind.toFixed(1)} s behind, ${rate}×`);
  }

  #togglePlay(): void {
    if (!this.#video.paused) this.#video.pause();
    else if (this.#video.ended) this.#playback.seek(Number(this.#position.min));
    else this.#playback.play();
  }

  async #toggleFullScreen(): Promise<void> {
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (document.fullscreenEnabled) await this.#screen.requestFullscreen();
    else if (hasFullScreen(this.#video)) this.#video.webkitEnterFullscreen();
  }
}

function hasFullScreen(video: HTMLVideoElement): video is FullScreenVideo {
  return 'webkitEnterFullscreen' in video;
}

function name(button: HTMLButtonElement, words: string): void {
  button.setAttribute('aria-label', words);
  button.title = words;
}

/** `1:05`. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
