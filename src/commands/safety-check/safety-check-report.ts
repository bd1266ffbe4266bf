import { ProgressLine } from '../../core/base/progress-line.ts';
import type { SafetyDecision } from '../../core/safety/safety-filter.ts';

/** Counts; tells on a terminal how far it is, and in the end what did not pass. */
export class SafetyCheckReport {
  blocked = 0;
  /** Not checked, and therefore held back. */
  heldBack = 0;
  #checked = 0;
  #unchecked = 0;
  #why = '';
  readonly #progress: ProgressLine;

  private constructor(progress: ProgressLine) {
    this.#progress = progress;
  }

  /** Silent in a pipe, and where stdout is the terminal too. */
  static async start(): Promise<SafetyCheckReport> {
    return new SafetyCheckReport(
      await ProgressLine.start('Waiting for prompts', { silentBesideStdout: true }),
    );
  }

  checked({ decision, reason }: SafetyDecision, passes: boolean): void {
    this.#checked += 1;
    if (decision === 'block') this.blocked += 1;
    if (decision === 'unavailable') {
      this.#unchecked += 1;
      this.#why = reason;
      if (!passes) this.heldBack += 1;
    }
    this.#progress.show(this.#line());
  }

  /** @param countBlocked - whether stdout does not show what was blocked */
  finished(countBlocked: boolean): void {
    this.#progress.succeed(this.#line());
    if (countBlocked && this.blocked > 0) {
      process.stderr.write(`fastvideo: ${this.blocked} of ${this.#checked} prompts were blocked.\n`);
    }
    if (this.#unchecked > 0) {
      const fate = this.heldBack > 0 ? 'blocked' : 'allowed';
      process.stderr.write(
        `fastvideo: ${this.#unchecked} of ${this.#checked} prompts could not be checked and were ${fate}: ${this.#why}\n`,
      );
    }
  }

  stopped(): void {
    this.#progress.stop();
  }

  #line(): string {
    return `${this.#checked} prompts, ${this.blocked} blocked`;
  }
}
