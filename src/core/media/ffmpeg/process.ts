import { Child, type ChildExit } from '../../base/child/child.ts';
import { FastVideoError } from '../../base/errors.ts';
import type { TrackEncoder, TrackEvent } from '../track-encoder.ts';
import { startFailure } from './binary.ts';
import { readTrack } from './read-track.ts';

/** An ffmpeg child process that reads stdin and writes stdout. */
export class FfmpegProcess implements TrackEncoder {
  readonly path: string;
  /** Resolves once the process has gone and its pipes are closed; with the error unless it ended well. */
  readonly exited: Promise<FastVideoError | undefined>;
  readonly #child: Child;

  /** Should we die without ending it in order, the end of its stdin ends it. */
  constructor(path: string, args: readonly string[], ownGroup: boolean) {
    this.path = path;
    const child = new Child(path, args, { ownGroup });
    this.#child = child;
    this.exited = child.exited.then((exit) => exitFailure(path, exit, child.stderr.lines));
  }

  get isRunning(): boolean {
    return this.#child.isRunning;
  }

  get unreadBytes(): number {
    return this.#child.unreadBytes;
  }

  async write(data: Uint8Array, onRead?: () => void): Promise<void> {
    await this.#child.write(data, onRead);
  }

  writeNow(data: Uint8Array, onRead?: () => void): void {
    this.#child.writeNow(data, onRead);
  }

  /** No more input: ffmpeg writes what it still holds and ends. */
  end(): void {
    this.#child.stdin.end();
  }

  /** What it writes; read no faster than it is taken. Ends with the process, however that ends. */
  async *output(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of this.#child.stdout) yield chunk;
    } catch (error) {
      // A stream that broke with its process: `exited` tells what happened.
      if (!(await this.exited)) throw error;
    }
  }

  /** What it writes, as a fragmented MP4 with one track. */
  events(): AsyncGenerator<TrackEvent, void, undefined> {
    return readTrack(this.output());
  }

  /** Ends the process at once, if it still runs, and waits until it has gone. */
  async kill(): Promise<void> {
    await endNow(this.#child);
  }

  /** Whether this process keeps ours alive. */
  keepAlive(yes: boolean): void {
    this.#child.keepAlive(yes);
  }
}

/** Ends it if it still runs, and resolves when it has gone; what it has written and nobody read is dropped. */
export async function endNow(child: Child): Promise<void> {
  child.keepAlive(true);
  if (child.isRunning) child.kill();
  // Unread output would hold back the end.
  child.stdout.destroy();
  child.stdin.destroy();
  await child.exited;
}

/** What went wrong with an ffmpeg; undefined when it ended well. */
export function exitFailure(
  path: string,
  exit: ChildExit,
  said: readonly string[],
): FastVideoError | undefined {
  if (exit.startError) return startFailure(path, exit.startError);
  if (exit.code === 0) return undefined;
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  const last = said.slice(-3).join(' | ');
  return new FastVideoError(
    'encoder_failed',
    `ffmpeg (${path}) ended with ${how}${last ? `: ${last}` : ''}.`,
  );
}
