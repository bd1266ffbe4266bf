import { isatty } from 'node:tty';
import type { Ora } from 'ora';

interface ProgressLineOptions {
  /** Set where stdout shows the progress by itself once it is a terminal. Default: false. */
  readonly silentBesideStdout?: boolean;
}

/**
 * A line on stderr that changes while work goes on; the only one in the process. There is none where stderr is no terminal
 * or one that does not tell its width: the line is cleared row by row, and of 0 columns it has endless rows.
 */
export class ProgressLine {
  #spinner: Ora | undefined;

  private constructor(spinner: Ora | undefined) {
    this.#spinner = spinner;
    if (spinner) process.stderr.on('resize', this.#onResize);
  }

  /** What draws it is loaded only for a terminal: a pipe should not wait for it. */
  static async start(text: string, options: ProgressLineOptions = {}): Promise<ProgressLine> {
    const hides = options.silentBesideStdout === true && isatty(1);
    if (hides || !isatty(2) || !hasWidth()) return new ProgressLine(undefined);
    const { default: ora } = await import('ora');
    if (!hasWidth()) return new ProgressLine(undefined);
    // stdin is data, or the user's Ctrl-C: not the progress line's.
    const spinner = ora({ text, stream: process.stderr, discardStdin: false });
    return new ProgressLine(spinner.start());
  }

  /** Whether it can be seen now. */
  get isShown(): boolean {
    return this.#spinner !== undefined;
  }

  /** The text that it shows from now on. */
  show(text: string): void {
    if (this.#spinner) this.#spinner.text = text;
  }

  /** Writes a whole line to stderr, above this one; also where this one is not shown. */
  writeAbove(line: string): void {
    this.#spinner?.clear();
    process.stderr.write(`${line}\n`);
  }

  /** Stops, and leaves the text with a tick. */
  succeed(text?: string): void {
    const spinner = this.#spinner;
    this.#letGo();
    spinner?.succeed(text);
  }

  /** Stops, and leaves nothing. Any number of calls. */
  stop(): void {
    const spinner = this.#spinner;
    this.#letGo();
    spinner?.stop();
  }

  #letGo(): void {
    this.#spinner = undefined;
    process.stderr.off('resize', this.#onResize);
  }

  readonly #onResize = () => {
    if (!hasWidth()) this.stop();
  };
}

function hasWidth(): boolean {
  return (process.stderr.columns ?? 0) > 0;
}
