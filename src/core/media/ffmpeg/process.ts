import { Socket } from 'node:net';
import { type PipedChild, spawnPiped } from '../../base/child/spawn-piped.ts';
import { FastVideoError } from '../../base/errors.ts';
import type { TrackEncoder, TrackEvent } from '../track-encoder.ts';
import { startFailure } from './binary.ts';
import { readTrack } from './read-track.ts';

/** How much of what ffmpeg said last is kept for the error. */
const stderrTailBytes = 4096;
/** Writes that may wait for ffmpeg to read them: one on its way, one behind it so that the pipe never runs dry. */
const writesInFlight = 2;

/** An ffmpeg child process that reads stdin and writes stdout. Never leaves an error event unheard. */
export class FfmpegProcess implements TrackEncoder {
  readonly path: string;
  /** Resolves once the process has gone and its pipes are closed; with the error unless it ended well. */
  readonly exited: Promise<FastVideoError | undefined>;
  readonly #child: PipedChild;
  #hasExited = false;
  #writing = 0;
  #wakeWriter: (() => void) | undefined;

  constructor(path: string, args: readonly string[], ownGroup: boolean) {
    this.path = path;
    // A Ctrl-C at the terminal is for us, who then end it in order. Should we die without that, the end of its stdin
    // ends it.
    this.#child = spawnPiped(path, args, { detached: ownGroup && process.platform !== 'win32' });
    const { stdin, stdout, stderr } = this.#child;
    // What a broken pipe means is told by `exited`; whoever waits to write need not wait any longer.
    stdin.on('error', () => this.#wakeWriter?.());
    stdout.on('error', () => this.#wakeWriter?.());
    let said = '';
    stderr.setEncoding('utf8');
    stderr.on('data', (text: string) => {
      said = (said + text).slice(-stderrTailBytes);
    });
    this.exited = new Promise((resolve) => {
      let startError: Error | undefined;
      this.#child.on('error', (error) => {
        startError = error;
        // Without a process there is no `close`.
        if (this.#child.pid === undefined) finish(startFailure(path, error));
      });
      this.#child.on('close', (code, signal) => {
        if (code === 0) return finish(undefined);
        if (startError && this.#child.pid === undefined) return finish(startFailure(path, startError));
        finish(exitFailure(path, code, signal, said));
      });
      const finish = (error: FastVideoError | undefined) => {
        this.#hasExited = true;
        this.#wakeWriter?.();
        resolve(error);
      };
    });
  }

  /** False from the moment it has gone, even if output of it is still unread. */
  get isRunning(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** Bytes given to `write` that ffmpeg has not read yet. */
  get unreadBytes(): number {
    return this.#child.stdin.writableLength;
  }

  /** Resolves when there is room for more (or the process has gone). One caller at a time. */
  async write(data: Uint8Array, onRead?: () => void): Promise<void> {
    this.writeNow(data, onRead);
    while (this.#writing >= writesInFlight && !this.#hasExited && !this.#child.stdin.destroyed) {
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
    }
  }

  /** Without waiting: for input whose amount is bounded elsewhere. */
  writeNow(data: Uint8Array, onRead?: () => void): void {
    if (this.#hasExited || data.length === 0 || !this.#child.stdin.writable) return;
    this.#writing += 1;
    this.#child.stdin.write(data, () => {
      this.#writing -= 1;
      this.#wakeWriter?.();
      onRead?.();
    });
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
    if (!this.#hasExited) {
      this.keepAlive(true);
      this.#child.kill('SIGKILL');
      // Unread output would hold back `close`.
      this.#child.stdout.destroy();
      this.#child.stdin.destroy();
    }
    await this.exited;
  }

  /** Whether this process keeps ours alive. */
  keepAlive(yes: boolean): void {
    const streams = [this.#child.stdin, this.#child.stdout, this.#child.stderr];
    for (const handle of [this.#child, ...streams.filter((stream) => stream instanceof Socket)]) {
      if (yes) handle.ref();
      else handle.unref();
    }
  }
}

export function exitFailure(
  path: string,
  code: number | null,
  signal: NodeJS.Signals | null,
  said: string,
): FastVideoError {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const lines = said.split('\n').map((line) => line.trim());
  const last = lines.filter(Boolean).slice(-3).join(' | ');
  return new FastVideoError(
    'encoder_failed',
    `ffmpeg (${path}) ended with ${how}${last ? `: ${last}` : ''}.`,
  );
}
