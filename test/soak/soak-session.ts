import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { seededRandom } from '../../src/core/generators/seeded-random.ts';
import type { Frame } from '../contract/frame-documents.ts';
import { MediaCheck, type SegmentMedia } from './media-check.ts';

export interface SoakSessionOptions {
  /** Of the routers; the first connection goes to the first one. */
  readonly urls: readonly string[];
  readonly name: string;
  readonly seed: number;
  /** Frames of video in each segment. */
  readonly frames: number;
  /** Whether all its media is kept, to be played at the end. */
  readonly keepFilm: boolean;
  /** Whether it stops reading now and then, for up to three seconds. */
  readonly slow: boolean;
}

const lastLines = 30;

/** One client that must not notice that replicas come and go. The first thing that is not right ends it with an error. */
export abstract class SoakSession {
  readonly name: string;
  readonly film: Buffer[] = [];
  /** Resolves when the session was left in order; rejects with what was wrong. */
  readonly over: Promise<void>;
  protected readonly options: SoakSessionOptions;
  protected readonly random: () => number;
  protected readonly ended = new AbortController();
  readonly #path: string;
  #socket: WebSocket | undefined;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #check = new MediaCheck();
  readonly #last: string[] = [];
  #initIsNext = false;
  #inits = 0;
  #segments = 0;
  #mediaComplete = false;
  #current: number | undefined;
  #previous = -1;
  #leaving = false;

  protected constructor(path: string, options: SoakSessionOptions) {
    const { urls, name, seed } = options;
    this.name = name;
    this.options = options;
    this.random = seededRandom(seed);
    this.#path = path;
    this.over = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever waits for the end is told; until then nobody does.
    this.over.catch(() => undefined);
    this.#connect(urls[0] ?? '', () => this.opened());
  }

  /** Breaks the connection off and comes back, perhaps through another router. */
  protected comeBack(opened: () => void): void {
    this.#remember('(breaks off and comes back)');
    this.#socket?.terminate();
    const { urls } = this.options;
    this.#connect(urls[Math.floor(this.random() * urls.length)] ?? '', opened);
  }

  #connect(url: string, opened: () => void): void {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${this.#path}`, { perMessageDeflate: false });
    this.#socket = socket;
    const isPresent = () => this.#socket === socket;
    socket.on('message', (data: Buffer, isBinary) => {
      // Requests that wait are refused at a leave, and the last segment is cut off.
      if (this.#leaving || !isPresent()) return;
      try {
        if (isBinary) this.#takeBinary(data);
        else this.#takeFrame(JSON.parse(data.toString()) as Frame);
      } catch (error) {
        this.#fail(error instanceof Error ? error.message : String(error));
      }
    });
    socket.on('error', (error) => {
      if (isPresent()) this.#fail(error.message);
    });
    socket.on('close', (code, reason) => {
      if (!isPresent() || this.closed(code)) return;
      this.ended.abort();
      if (this.#leaving && code === 1000) this.#resolve();
      else this.#fail(`closed with ${code} "${reason}"`);
    });
    socket.on('open', opened);
  }

  #fail(what: string): void {
    this.ended.abort();
    this.#socket?.terminate();
    this.#reject(new Error(`${this.name}: ${what}. Before that:\n${this.#last.join('\n')}`));
  }

  /** Segments that came to their end. */
  get segments(): number {
    return this.#segments;
  }

  /** Segments of which more than one initialization segment came: those that were cut off. */
  get cutSegments(): number {
    return Math.max(0, this.#inits - this.#segments);
  }

  /** Frames of video that came. */
  get frames(): number {
    return this.#check.frames;
  }

  leave(): void {
    this.#leaving = true;
    this.ended.abort();
    this.#socket?.resume();
    this.send({ type: 'leave' });
  }

  protected send(frame: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  protected async pause(maxMs: number): Promise<void> {
    await delay(this.random() * maxMs, undefined, { signal: this.ended.signal }).catch(() => undefined);
  }

  protected abstract opened(): void;
  /** A frame that is none of a segment's media. Throws when it is not as it has to be. */
  protected abstract note(frame: Frame): void;
  /** Throws when this is not the segment that has to come. */
  protected abstract begins(frame: Frame, previous: number): void;
  protected abstract segmentEnded(): void;

  /** Whether this close was to be expected. */
  protected closed(_code: number): boolean {
    return false;
  }

  /** Whether this error was to be expected. */
  protected refused(_frame: Frame): boolean {
    return false;
  }

  /** The session is lost, and another one begins. */
  protected startOver(): void {
    this.#check = new MediaCheck();
    this.#previous = -1;
  }

  /** A stream begins: segments are counted anew. */
  protected countAnew(from: number): void {
    this.#previous = from - 1;
  }

  #takeBinary(data: Buffer): void {
    this.#remember(`(binary, ${data.length} bytes)`);
    if (this.#current === undefined) throw new Error('a binary message came outside of a segment');
    if (this.#initIsNext) {
      this.#initIsNext = false;
      this.#inits += 1;
      this.#check.init(data);
      if (this.options.keepFilm && this.film.length === 0) this.film.push(data);
      return;
    }
    this.#check.media(data);
    if (this.options.keepFilm) this.film.push(data);
  }

  #takeFrame(frame: Frame): void {
    this.#remember(JSON.stringify(frame).slice(0, 200));
    if (this.#initIsNext) throw new Error(`${frame.type} came in place of an initialization segment`);
    switch (frame.type) {
      case 'error':
        if (!this.refused(frame)) throw new Error('an error frame came');
        return;
      case 'session_checkpoint':
        throw new Error('a checkpoint came through');
      case 'ltx2_stream_complete':
        throw new Error('the stream was completed');
      case 'ltx2_segment_start':
        this.#begin(frame);
        return;
      case 'media_init':
        this.#isCurrent(frame);
        this.#initIsNext = true;
        return;
      case 'frame_batch':
        this.#isCurrent(frame);
        this.#check.files(Number(frame['start_frame']), (frame['frames'] as unknown[]).length);
        return;
      case 'media_segment_complete':
        this.#mediaEnded(frame);
        return;
      case 'ltx2_segment_complete':
        this.#end(frame);
        return;
      default:
        this.note(frame);
    }
  }

  #begin(frame: Frame): void {
    const index = Number(frame.segment_idx);
    if (this.#current !== undefined) throw new Error(`segment ${index} began in segment ${this.#current}`);
    if (index !== this.#previous + 1) throw new Error(`segment ${index} came after ${this.#previous}`);
    this.begins(frame, this.#previous);
    this.#current = index;
    this.#mediaComplete = false;
    if (this.options.slow && this.random() < 0.2) void this.#stopReading();
  }

  async #stopReading(): Promise<void> {
    const socket = this.#socket;
    socket?.pause();
    await this.pause(3000);
    socket?.resume();
  }

  #mediaEnded(frame: Frame): void {
    this.#isCurrent(frame);
    if (this.#mediaComplete) throw new Error('media_segment_complete came twice');
    this.#mediaComplete = true;
    const { chunks, bytes } = this.#takeSegment();
    const told = { chunks: frame.chunks, bytes: frame.bytes ?? bytes };
    if (told.chunks !== chunks || told.bytes !== bytes) {
      throw new Error(`${chunks} media messages of ${bytes} bytes came, told were ${JSON.stringify(told)}`);
    }
  }

  #end(frame: Frame): void {
    this.#isCurrent(frame);
    if (this.#check.isFiles) this.#takeSegment();
    else if (!this.#mediaComplete) throw new Error('the segment ended before its media');
    this.#previous = this.#current ?? -1;
    this.#current = undefined;
    this.#segments += 1;
    this.segmentEnded();
  }

  #takeSegment(): SegmentMedia {
    const segment = this.#check.takeSegment();
    const { frames } = this.options;
    if (segment.frames !== frames) throw new Error(`the segment has ${segment.frames} frames, not ${frames}`);
    return segment;
  }

  #isCurrent(frame: Frame): void {
    if (frame.segment_idx !== this.#current)
      throw new Error(`${frame.type} is of segment ${String(frame.segment_idx)}, not ${this.#current}`);
  }

  #remember(line: string): void {
    this.#last.push(line);
    if (this.#last.length > lastLines) this.#last.shift();
  }
}
