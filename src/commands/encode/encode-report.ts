import { ProgressLine } from '../../core/base/progress-line.ts';

/** Tells how far it is: a line that changes on a terminal, one line at the end where it was asked for. */
export class EncodeReport {
  readonly #stats: boolean;
  readonly #json: boolean;
  readonly #progress: ProgressLine;
  readonly #startedAt = performance.now();
  #bytes = 0;

  private constructor(stats: boolean, json: boolean, progress: ProgressLine) {
    this.#stats = stats;
    this.#json = json;
    this.#progress = progress;
  }

  static async start(stats: boolean, json: boolean): Promise<EncodeReport> {
    return new EncodeReport(stats, json, await ProgressLine.start('Waiting for frames'));
  }

  wrote(bytes: number, frames: number): void {
    this.#bytes += bytes;
    this.#progress.show(this.#line(frames));
  }

  done(frames: number): void {
    // On a terminal the last line of the progress says the same.
    const isTold = this.#progress.isShown && !this.#json;
    this.#progress.succeed(this.#line(frames));
    if (isTold || !this.#stats) return;
    const seconds = this.#seconds();
    const text = this.#json
      ? JSON.stringify({
          frames,
          bytes: this.#bytes,
          seconds: Number(seconds.toFixed(3)),
          fps: Number((frames / seconds).toFixed(1)),
        })
      : this.#line(frames);
    process.stderr.write(`${text}\n`);
  }

  stopped(): void {
    this.#progress.stop();
  }

  #line(frames: number): string {
    return `${counted(frames, 'frame')}, ${counted(this.#bytes, 'byte')}, ${(frames / this.#seconds()).toFixed(1)} frames/s`;
  }

  #seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }
}

/** `1 frame`, `2 frames`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
