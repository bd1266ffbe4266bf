import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { repositoryRoot } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';

interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether stdin is the terminal too; else it is at its end. */
  readonly hasKeyboard?: boolean;
}

/** The built CLI in a pseudo-terminal, with an emulator as its screen. */
export interface Terminal extends AsyncDisposable {
  /** The rows of the screen as they are now, without the space at their ends. */
  lines(): Promise<string[]>;
  /** The screen as one text, once it holds. */
  shows(what: string | RegExp): Promise<string>;
  /** Waits until the screen does not show it any more. */
  lacks(what: string | RegExp): Promise<void>;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  signal(name: string): void;
  /** Every byte that the program wrote. */
  written(): string;
  /** Whether the alternate screen is in use. */
  isAlternate(): boolean;
  readonly exited: Promise<number>;
}

export const keys = {
  up: '\x1b[A',
  down: '\x1b[B',
  end: '\x1b[F',
  escape: '\x1b',
  enter: '\r',
  tab: '\t',
} as const;

export function openTerminal({
  columns,
  rows,
  args,
  env = {},
  hasKeyboard = true,
}: TerminalOptions): Terminal {
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  // Colours as on a developer's terminal, wherever the test runs.
  const { CI: _ci, NO_COLOR: _noColor, FORCE_COLOR: _force, ...inherited } = process.env;
  const command = [process.execPath, join(repositoryRoot, 'bin/fastvideo.js'), 'dashboard', ...args];
  const redirect = hasKeyboard ? '' : ' < /dev/null';
  const child = spawn('/bin/sh', ['-c', `exec "$0" "$@"${redirect}`, ...command], {
    name: env['TERM'] ?? 'xterm-256color',
    cols: columns,
    rows,
    cwd: repositoryRoot,
    env: { ...inherited, ...env },
  });
  let written = '';
  let isRunning = true;
  child.onData((data) => {
    written += data;
    screen.write(data);
  });
  const exited = new Promise<number>((resolve) => {
    child.onExit(({ exitCode }) => {
      isRunning = false;
      resolve(exitCode);
    });
  });
  const lines = async () => {
    // The emulator takes what was written in order: an empty write ends when all before it is on the screen.
    await new Promise<void>((resolve) => screen.write('', resolve));
    const { active } = screen.buffer;
    return Array.from(
      { length: screen.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    );
  };
  const text = async () => (await lines()).join('\n');
  const holds = (shown: string, what: string | RegExp) =>
    typeof what === 'string' ? shown.includes(what) : what.test(shown);
  return {
    lines,
    async shows(what) {
      let shown = '';
      const isThere = async () => {
        shown = await text();
        return holds(shown, what);
      };
      try {
        await waitFor(`${what} on the screen`, isThere);
      } catch (error) {
        throw new Error(`${String(error)}\n${shown}`, { cause: error });
      }
      return shown;
    },
    lacks: (what) => waitFor(`screen without ${what}`, async () => !holds(await text(), what)),
    type: (input) => child.write(input),
    resize(newColumns, newRows) {
      screen.resize(newColumns, newRows);
      child.resize(newColumns, newRows);
    },
    signal: (name) => child.kill(name),
    written: () => written,
    isAlternate: () => screen.buffer.active.type === 'alternate',
    exited,
    async [Symbol.asyncDispose]() {
      if (isRunning) child.kill('SIGKILL');
      await exited;
      screen.dispose();
    },
  };
}
