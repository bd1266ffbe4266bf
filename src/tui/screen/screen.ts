import { terminalSize } from './terminal-size.ts';

const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const clear = '\x1b[0m\x1b[2J';
// Terminals that know it show the update at once, others ignore it.
const beginUpdate = '\x1b[?2026h';
const endUpdate = '\x1b[?2026l';

/** The terminal while the dashboard has it. */
export interface Screen {
  /** Shows a frame; only the lines that differ from the one before are written. */
  show(frame: string): void;
  /** Forgets what is on the screen: after a resize nobody knows it. */
  invalidate(): void;
  /** Gives the terminal back as it was. Twice is fine. */
  close(): void;
}

/** Takes the alternate screen and hides the cursor; gives both back at the latest when the process ends. */
export function openScreen(stdout: NodeJS.WriteStream): Screen {
  let shown: readonly string[] | undefined = [];
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    process.off('exit', close);
    stdout.write(leave);
  };
  process.on('exit', close);
  stdout.write(enter);
  return {
    show(frame) {
      if (!isOpen) return;
      const lines = frame.split('\n').slice(0, terminalSize(stdout).rows);
      const before = shown ?? [];
      let update = shown ? '' : clear;
      for (let row = 0; row < Math.max(lines.length, before.length); row += 1) {
        const line = lines[row] ?? '';
        // Erased before it is written: after a full line the cursor stands on its last character.
        if (line !== (before[row] ?? '')) update += `\x1b[${row + 1};1H\x1b[2K${line}`;
      }
      shown = lines;
      if (update !== '') stdout.write(beginUpdate + update + endUpdate);
    },
    invalidate() {
      shown = undefined;
    },
    close,
  };
}
