import { isatty } from 'node:tty';
import type { Ora } from 'ora';

/** Tells on a terminal how far it is; silent in a pipe, and where stdout is the terminal too. */
export class EnhanceReport {
  readonly #spinner: Ora | undefined;
  #done = 0;
  #failed = 0;

  private constructor(spinner: Ora | undefined) {
    this.#spinner = spinner;
  }

  static async start(): Promise<EnhanceReport> {
    // A terminal that does not tell its width would make ora clear lines without end.
    const width = process.stderr.columns ?? 0;
    if (!isatty(2) || isatty(1) || width === 0) return new EnhanceReport(undefined);
    const { default: ora } = await import('ora');
    // stdin is data, or the user's Ctrl-C: not the progress line's.
    const spinner = ora({ text: 'Waiting for prompts', stream: process.stderr, discardStdin: false });
    return new EnhanceReport(spinner.start());
  }

  done(failed: boolean): void {
    this.#done += 1;
    if (failed) this.#failed += 1;
    if (this.#spinner) this.#spinner.text = this.#line();
  }

  /** @param kept - what became of the prompts that failed */
  finished(kept: string): void {
    this.#spinner?.succeed(this.#line());
    if (this.#failed === 0) return;
    process.stderr.write(`fastvideo: ${this.#failed} of ${this.#done} prompts failed and were ${kept}.\n`);
  }

  stopped(): void {
    this.#spinner?.stop();
  }

  #line(): string {
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} failed`;
    return `${this.#done} prompts${failed}`;
  }
}
