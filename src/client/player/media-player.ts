import { FastVideoError } from '../errors.ts';
import { Listeners } from '../listeners.ts';
import type { Bytes } from '../web-socket.ts';
import { ArrivalPace } from './arrival-pace.ts';
import { bufferedAhead, jumpTarget, leastBehind } from './buffered-range.ts';
import { defaultLive, LiveEdge, type LiveOptions, type LiveStep, liveWanted, slowLive } from './live-edge.ts';
import { mediaSourceClass } from './media-source.ts';
import { PersonPause } from './person-pause.ts';
import { PlayedStream } from './played-stream.ts';
import type { PlayerEvent } from './player-event.ts';
import { unmuteOnGesture } from './sound.ts';
import { rangesOf } from './time-ranges.ts';

export interface PlayerOptions {
  /** Stays near the newest picture, and leaves out what it has no time for. Default: plays all that comes. */
  readonly live?: boolean | LiveOptions;
  /** Seconds behind the play head that can be gone back to. Default 60. */
  readonly backBuffer?: number;
  /** Whether sound that the browser did not allow comes with the person's first touch of the page. Default true. */
  readonly unmuteOnGesture?: boolean;
}

/** How often a play head is looked at that does not move. */
const watchMs = 250;
/** Seconds before the end of a range at which browsers may stop. */
const stopTolerance = 0.5;
/** Less than this ahead is nothing to play. */
const leastAhead = 0.05;
/** Seconds ahead that are enough for a person who watches. */
const enoughAhead = 30;

/**
 * Plays fragmented MP4 in a `<video>` while it arrives: waits for enough of it where it comes slowly, goes on behind what is
 * missing, removes what was played long ago, and ends the video where nothing is to come.
 */
export class MediaPlayer {
  readonly #video: HTMLVideoElement;
  readonly #options: PlayerOptions;
  readonly #listeners = new Listeners<PlayerEvent>();
  readonly #pace = new ArrivalPace();
  readonly #edge = new LiveEdge();
  readonly #pause: PersonPause;
  readonly #detached = new AbortController();
  readonly #watch: ReturnType<typeof setInterval>;
  #stream: PlayedStream | undefined;
  #restartWanted = false;
  /** It waits for media. */
  #holding = false;
  #toldSlow = false;
  /** Nothing is to come. */
  #atEnd = true;
  #lastTime = 0;
  #bufferedEnd = 0;
  #live: boolean | LiveOptions;

  constructor(video: HTMLVideoElement, options: PlayerOptions = {}) {
    this.#video = video;
    this.#options = options;
    this.#live = options.live ?? false;
    this.#pause = new PersonPause(video, () => this.#holding);
    video.disableRemotePlayback = true;
    const { signal } = this.#detached;
    const on = (type: string, act: () => void) => video.addEventListener(type, act, { signal });
    on('timeupdate', () => {
      this.#pause.notice();
      this.#control();
    });
    on('waiting', () => this.#control());
    on('play', () => {
      this.#pause.played();
      // The person wants to see it now.
      if (this.#holding) this.#release();
      this.#control();
    });
    on('pause', () => this.#pause.notice());
    // It was the end that paused it, although more may be there by now.
    on('ended', () => this.#pause.end());
    on('error', () => {
      const { error } = video;
      // Taking the source away is no fault of the media.
      if (error && this.#stream) this.#fail(error.message || `media error ${error.code}`);
    });
    document.addEventListener('visibilitychange', () => this.#control(), { signal });
    // A play head that stands still tells nothing by itself.
    this.#watch = setInterval(() => this.#control({ watching: true }), watchMs);
  }

  /** Aborted by {@link detach}. */
  get signal(): AbortSignal {
    return this.#detached.signal;
  }

  /**
   * Whether the next half minute is there: what repeats a prompt by itself waits with the next segment, or a server that is
   * faster than the video would fill the memory. False in a live stream, where the server itself waits.
   */
  get hasEnough(): boolean {
    return this.#live === false && this.#behindEdge >= enoughAhead;
  }

  /** Calls `listener` with each event from now on; gives the function that ends that. */
  subscribe(listener: (event: PlayerEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** The next initialization segment begins a time line of its own. What is there plays until then. */
  restart(): void {
    this.#restartWanted = true;
  }

  /**
   * The initialization segment of a segment, undefined for one that is malformed: a browser would wait for the rest of it in
   * all that follows. `seconds` is the length of the segment, where that is known.
   */
  init(data: Bytes | undefined, mime: string, seconds?: number): void {
    if (data && (this.#restartWanted || !this.#stream)) this.#begin(mime);
    this.#toldSlow = false;
    this.#atEnd = false;
    this.#pace.segmentBegins(this.#bufferedEnd, seconds);
    if (data) this.#stream?.append(data, mime);
    else if (!this.#stream) this.#fail('its description is malformed.');
  }

  /** Whole `moof` and `mdat` pairs. */
  media(data: Bytes): void {
    this.#stream?.append(data);
  }

  /** All media of the segment was given. */
  segmentEnd(): void {
    this.#pace.segmentEnds();
    this.#control();
  }

  /** Nothing is to come for now: the video ends where it is, until media is given again. */
  end(): void {
    this.#atEnd = true;
    this.#pace.segmentEnds();
    this.#stream?.end();
    this.#control();
  }

  /** Plays on what the person paused. */
  play(): void {
    this.#pause.end();
    this.#control();
  }

  /** Lets go of the `<video>`, and empties it. */
  detach(): void {
    clearInterval(this.#watch);
    this.#detached.abort();
    this.#stream?.close();
    this.#stream = undefined;
    this.#video.removeAttribute('src');
    this.#video.load();
  }

  #begin(mime: string): void {
    this.#restartWanted = false;
    this.#stream?.close();
    this.#stream = undefined;
    const Source = mediaSourceClass();
    if (!Source?.isTypeSupported(mime)) {
      const what = Source ? `play ${mime}` : 'play live video: it has no MediaSource';
      this.#tellError('media_unsupported', `This browser cannot ${what}.`);
      return;
    }
    const source = new Source();
    const address = URL.createObjectURL(source);
    source.addEventListener('sourceopen', () => URL.revokeObjectURL(address), { once: true });
    this.#stream = new PlayedStream({
      video: this.#video,
      source,
      mime,
      kept: {
        behind: this.#options.backBuffer ?? 60,
        ahead: () => this.#liveOptions && Math.max(leastBehind, this.#liveOptions.jumpAt),
      },
      drained: () => this.#arrived(),
      failed: (problem) => this.#fail(problem),
    });
    this.#lastTime = 0;
    this.#bufferedEnd = 0;
    this.#pause.sourceChanged();
    // Until it is known how fast media comes.
    this.#holding = true;
    this.#video.src = address;
  }

  #arrived(): void {
    const end = rangesOf(this.#video.buffered).at(-1)?.end ?? 0;
    if (end > this.#bufferedEnd) {
      this.#bufferedEnd = end;
      this.#pace.arrived(end, performance.now());
    }
    this.#control();
  }

  /** Looks at the play head and the buffer, and does what they want. */
  #control({ watching = false } = {}): void {
    if (!this.#stream) return;
    const { currentTime } = this.#video;
    const stands = watching && currentTime === this.#lastTime;
    if (watching) this.#lastTime = currentTime;
    this.#stream.played();
    this.#jumpGap(stands);
    const ahead = bufferedAhead(rangesOf(this.#video.buffered), this.#video.currentTime);
    if (this.#holding) {
      if (ahead > 0 && ahead >= this.#wanted) this.#release();
      else this.#tellSlow();
    } else if (this.#runsDry(ahead, stands)) this.#hold();
    else if (this.#video.paused && !this.#pause.active && ahead > leastAhead) void this.#play();
    else this.#keepLive();
  }

  get #liveOptions(): Required<LiveOptions> | undefined {
    if (this.#live === false) return undefined;
    return { ...defaultLive, ...(this.#live === true ? {} : this.#live) };
  }

  /** Seconds from the play head to the end of what has come, gaps included. */
  get #behindEdge(): number {
    const { buffered, currentTime } = this.#video;
    const end = rangesOf(buffered).at(-1)?.end ?? currentTime;
    return Math.max(0, end - currentTime);
  }

  /** A live stream goes on from segment to segment until {@link end}. */
  get #moreComes(): boolean {
    return this.#pace.isIncoming || (this.#live !== false && !this.#atEnd);
  }

  /** Seconds to have buffered before it is played on. */
  get #wanted(): number {
    const live = this.#liveOptions;
    return live ? liveWanted(this.#moreComes, live) : this.#pace.wanted;
  }

  /** `stands`: a browser that ran dry waits until it has some tenths of a second, and is not seen to be dry by then. */
  #runsDry(ahead: number, stands: boolean): boolean {
    const { paused, readyState } = this.#video;
    const isLittle = ahead < (stands ? stopTolerance : leastAhead);
    return this.#moreComes && !paused && isLittle && readyState < 3;
  }

  #hold(): void {
    this.#holding = true;
    this.#video.pause();
    this.#tell({ type: 'buffering', active: true });
    this.#tellSlow();
  }

  #release(): void {
    const wasTold = this.#video.currentTime > 0;
    this.#holding = false;
    if (wasTold) this.#tell({ type: 'buffering', active: false });
    if (!this.#pause.active) void this.#play();
  }

  #tellSlow(): void {
    const { rate, isSlow } = this.#pace;
    if (this.#toldSlow || !isSlow || rate === undefined) return;
    if (this.#live !== false && rate >= slowLive) return;
    this.#toldSlow = true;
    this.#tell({ type: 'slow', rate, wanted: this.#wanted });
  }

  /** `stands`: the play head has not moved since the last look. */
  #jumpGap(stands: boolean): void {
    const { currentTime, paused, readyState } = this.#video;
    const isStuck = stands && !paused && readyState < 3;
    const ranges = rangesOf(this.#video.buffered);
    const target = jumpTarget(ranges, currentTime, isStuck ? stopTolerance : 0);
    if (target === undefined) return;
    this.#video.currentTime = target;
    if (currentTime > 0) this.#tell({ type: 'gap', from: currentTime, to: target });
  }

  /** Whether it stays near the newest picture from now on. */
  setLive(live: boolean | LiveOptions): void {
    this.#live = live;
    if (live === false) this.#video.playbackRate = 1;
  }

  #keepLive(): void {
    const live = this.#liveOptions;
    if (live === undefined || this.#video.paused) return;
    // At the end of the stream there is nothing to be near to.
    const { rate, jump }: LiveStep = this.#moreComes ? this.#edge.step(this.#behindEdge, live) : { rate: 1 };
    this.#video.playbackRate = rate;
    if (jump === undefined) return;
    const from = this.#video.currentTime;
    this.#video.currentTime = from + jump;
    this.#tell({ type: 'jump', from, to: from + jump });
  }

  async #play(): Promise<void> {
    const { currentTime } = this.#video;
    try {
      const playing = this.#video.play();
      // One that had ended begins anew, although more has come.
      if (this.#video.currentTime < currentTime) this.#video.currentTime = currentTime;
      await playing;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      // AbortError: the source was changed, or it was paused, meanwhile.
      if (error.name !== 'NotAllowedError' || this.#video.muted) return;
      this.#video.muted = true;
      if (this.#options.unmuteOnGesture ?? true) unmuteOnGesture(this.#video, this.#detached.signal);
      this.#tell({ type: 'muted' });
      await this.#play();
    }
  }

  #fail(problem: string): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#restartWanted = true;
    const message = `Media of this segment could not be played: ${problem} It goes on with the next segment.`;
    this.#tellError('media_failed', message);
  }

  #tellError(code: 'media_failed' | 'media_unsupported', message: string): void {
    this.#tell({ type: 'error', error: new FastVideoError(code, message) });
  }

  #tell(event: PlayerEvent): void {
    this.#listeners.tell(event);
  }
}
