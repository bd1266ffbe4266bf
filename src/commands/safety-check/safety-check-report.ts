import { isatty } from 'node:tty';
import type { Ora } from 'ora';
import type { SafetyDecision } from '../../core/safety/safety-filter.ts';

/** Counts; tells on a terminal how far it is, and in the end what did not pass. */
export class SafetyCheckReport {
  blocked = 0;
  /** Not checked, and therefore held back. */
  heldBack = 0;
  #checked = 0;
  #unchecked = 0;
  #why = '';
  readonly #spinner: Ora | undefined;

  private constructor(spinner: Ora | undefined) {
    this.#spinner = spinner;
  }

  /** Silent in a pipe, and where stdout is the terminal too. */
  static async start(): Promise<SafetyCheckReport> {
    if (!isatty(2) || isatty(1)) return new SafetyCheckReport(undefined);
    const { default: ora } = await import('ora');
    // stdin is data, or the user's Ctrl-C: not the progress line's.
    const spinner = ora({ text: 'Waiting for prompts', stream: process.stderr, discardStdin: false });
    return new SafetyCheckReport(spinner.start());
  }

  checked({ decision, reason }: SafetyDecision, passes: boolean): void {
    this.#checked += 1;
    if (decision === 'block') this.blocked += 1;
    if (decision === 'unavailable') {
      this.#unchecked += 1;
      this.#why = reason;
      if (!passes) this.heldBack += 1;
    }
    if (this.#spinner) this.#spinner.text = this.#line();
  }

  /** @param countBlocked - whether stdout does not show what was blocked */
  finished(countBlocked: boolean): void {
    this.#spinner?.succeed(this.#line());
    if (countBlocked && this.blocked > 0) {
      process.stderr.write(`fastvideo: ${this.blocked} of ${this.#checked} prompts were blocked.\n`);
    }
    if (this.#unchecked > 0) {
      const fate = this.heldBack > 0 ? 'held back' : 'let through';
      process.stderr.write(
        `fastvideo: ${this.#unchecked} of ${this.#checked} prompts could not be checked and were ${fate}: ${this.#why}\n`,
      );
    }
  }

  stopped(): void {
    this.#spinner?.stop();
  }

  #line(): string {
    return `${this.#checked} prompts, ${this.blocked} blocked`;
  }
}
