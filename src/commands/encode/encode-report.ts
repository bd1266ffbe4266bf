import { isatty } from 'node:tty';
import type { Ora } from 'ora';

/** Tells how far it is: a line that changes on a terminal, one line at the end where it was asked for. */
export class EncodeReport {
  readonly #stats: boolean;
  readonly #json: boolean;
  readonly #spinner: Ora | undefined;
  readonly #startedAt = performance.now();
  #bytes = 0;

  private constructor(stats: boolean, json: boolean, spinner: Ora | undefined) {
    this.#stats = stats;
    this.#json = json;
    this.#spinner = spinner;
  }

  /** The progress is loaded only for a terminal: a pipe should not wait for it. */
  static async start(stats: boolean, json: boolean): Promise<EncodeReport> {
    // A terminal that does not tell its width would make ora clear lines without end.
    const width = process.stderr.columns ?? 0;
    if (!isatty(2) || width === 0) return new EncodeReport(stats, json, undefined);
    const { default: ora } = await import('ora');
    return new EncodeReport(stats, json, ora({ text: 'Waiting for frames', stream: process.stderr }).start());
  }

  wrote(bytes: number, frames: number): void {
    this.#bytes += bytes;
    if (this.#spinner) this.#spinner.text = this.#line(frames);
  }

  done(frames: number): void {
    if (this.#spinner) this.#spinner.succeed(this.#line(frames));
    if (!this.#stats) return;
    const seconds = this.#seconds();
    const text = this.#json
      ? JSON.stringify({ frames, bytes: this.#bytes, seconds, fps: frames / seconds })
      : this.#line(frames);
    // On a terminal the last line of the progress says the same.
    if (this.#json || !this.#spinner) process.stderr.write(`${text}\n`);
  }

  stopped(): void {
    this.#spinner?.stop();
  }

  #line(frames: number): string {
    return `${frames} frames, ${this.#bytes} bytes, ${(frames / this.#seconds()).toFixed(1)} frames/s`;
  }

  #seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }
}
