import { defaultLive } from '../src/client/player/live-edge.ts';
import type { MediaPlayer } from '../src/client/player/media-player.ts';
import { rangesOf } from '../src/client/player/time-ranges.ts';

/** Where it is played: at the live edge, or away from it because the person went back. */
export class Playback {
  readonly #video: HTMLVideoElement;
  readonly #player: MediaPlayer;
  #isLive = false;
  #isAway = false;

  constructor(video: HTMLVideoElement, player: MediaPlayer) {
    this.#video = video;
    this.#player = player;
  }

  /** Whether the stream is a live one. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Whether the person went back in a live stream. */
  get isAway(): boolean {
    return this.#isAway;
  }

  setLive(isLive: boolean): void {
    this.#isLive = isLive;
    this.#isAway = false;
    this.#player.setLive(isLive);
  }

  goLive(): void {
    const end = rangesOf(this.#video.buffered).at(-1)?.end ?? 0;
    this.setLive(true);
    this.#video.currentTime = Math.max(this.#video.currentTime, end - defaultLive.latency);
    this.play();
  }

  /** Plays from there on, and stays behind the live edge. */
  seek(seconds: number): void {
    this.#isAway = this.#isLive;
    this.#player.setLive(false);
    this.#video.currentTime = seconds;
    this.play();
  }

  play(): void {
    this.#player.play();
  }

  /** Another film begins. */
  restart(): void {
    this.setLive(this.#isLive);
  }
}
