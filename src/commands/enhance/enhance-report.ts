import { ProgressLine } from '../../core/base/progress-line.ts';

/** Tells on a terminal how far it is; silent in a pipe, and where stdout is the terminal too. */
export class EnhanceReport {
  readonly #progress: ProgressLine;
  #done = 0;
  #failed = 0;
  /** Where the first failure stands, from 1, and why. */
  #firstFailure = '';

  private constructor(progress: ProgressLine) {
    this.#progress = progress;
  }

  static async start(): Promise<EnhanceReport> {
    return new EnhanceReport(await ProgressLine.start('Waiting for prompts', { silentBesideStdout: true }));
  }

  /** @param error - why the prompt failed, if it did */
  done(error: Error | undefined): void {
    this.#done += 1;
    if (error) {
      if (this.#failed === 0) this.#firstFailure = `prompt ${this.#done}: ${error.message}`;
      this.#failed += 1;
    }
    this.#progress.show(this.#line());
  }

  /** @param kept - what became of the prompts that failed */
  finished(kept: string): void {
    this.#progress.succeed(this.#line());
    if (this.#failed === 0) return;
    const count = `${this.#failed} of ${this.#done} prompts failed and were ${kept}`;
    const which = this.#failed === 1 ? 'It was' : 'The first was';
    process.stderr.write(`fastvideo: ${count}. ${which} ${this.#firstFailure}\n`);
  }

  stopped(): void {
    this.#progress.stop();
  }

  #line(): string {
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} failed`;
    return `${this.#done} prompts${failed}`;
  }
}
