import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { openScreen } from '../../../src/tui/screen/screen.ts';

/** What a screen uses of a terminal. */
class Recorder extends EventEmitter {
  rows = 10;
  written: string[] = [];
  write(text: string): boolean {
    this.written.push(text);
    return true;
  }
}

function open() {
  const stdout = new Recorder();
  const screen = openScreen(stdout as unknown as NodeJS.WriteStream);
  stdout.written = [];
  return { stdout, screen };
}

describe('a screen', () => {
  it('writes only the lines that changed, and nothing for the same frame', () => {
    const { stdout, screen } = open();
    screen.show('one\ntwo\nthree');
    stdout.written = [];
    screen.show('one\ntwo\nthree');
    expect(stdout.written).toEqual([]);
    screen.show('one\n2\nthree');
    expect(stdout.written.join('')).toBe('\x1b[?2026h\x1b[2;1H\x1b[2K2\x1b[?2026l');
    screen.close();
  });

  it('erases lines that are gone, and writes all after it was invalidated', () => {
    const { stdout, screen } = open();
    screen.show('one\ntwo');
    stdout.written = [];
    screen.show('one');
    expect(stdout.written.join('')).toContain('\x1b[2;1H\x1b[2K\x1b[?2026l');
    screen.invalidate();
    stdout.written = [];
    screen.show('one');
    expect(stdout.written.join('')).toContain('\x1b[2J\x1b[1;1H\x1b[2Kone');
    screen.close();
  });

  it('shows 24 lines on a terminal that does not tell its height', () => {
    const { stdout, screen } = open();
    stdout.rows = 0;
    screen.show(Array.from({ length: 30 }, (_, row) => `line ${row + 1}`).join('\n'));
    expect(stdout.written.join('').endsWith('line 24\x1b[?2026l')).toBe(true);
    screen.close();
  });

  it('gives the terminal back once, and writes nothing after', () => {
    const { stdout, screen } = open();
    const before = process.listenerCount('exit');
    screen.close();
    screen.close();
    screen.show('late');
    expect(stdout.written).toEqual(['\x1b[?7h\x1b[?25h\x1b[?1049l']);
    expect(process.listenerCount('exit')).toBe(before - 1);
  });
});
