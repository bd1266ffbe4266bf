import { ProgressLine } from '../../core/base/progress-line.ts';

/** Tells on a terminal how far it is; silent in a pipe, and where stdout is the terminal too. */
export class EnhanceReport {
  readonly #progress: ProgressLine;
  #done = 0;
  #failed = 0;

  private constructor(progress: ProgressLine) {
    this.#progress = progress;
  }

  static async start(): Promise<EnhanceReport> {
    return new EnhanceReport(await ProgressLine.start('Waiting for prompts', { silentBesideStdout: true }));
  }

  done(failed: boolean): void {
    this.#done += 1;
    if (failed) this.#failed += 1;
    this.#progress.show(this.#line());
  }

  /** @param kept - what became of the prompts that failed */
  finished(kept: string): void {
    this.#progress.succeed(this.#line());
    if (this.#failed === 0) return;
    process.stderr.write(`fastvideo: ${this.#failed} of ${this.#done} prompts failed and were ${kept}.\n`);
  }

  stopped(): void {
    this.#progress.stop();
  }

  #line(): string {
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} failed`;
    return `${this.#done} prompts${failed}`;
  }
}
