import { describe, expect, it } from 'vitest';
import { readKeys, type TerminalKey } from '../../../src/tui/state/keys.ts';

const none: TerminalKey = {
  ...{ upArrow: false, downArrow: false, pageUp: false, pageDown: false, home: false, end: false },
  ...{ tab: false, shift: false, return: false, escape: false, backspace: false, delete: false },
  ...{ ctrl: false, meta: false },
};
const text = (characters: string) => [...characters].map((character) => ({ name: 'text', text: character }));

describe('readKeys', () => {
  it('gives each character of a chunk as a key', () => {
    expect(readKeys('/inv', none)).toEqual(text('/inv'));
    expect(readKeys('組織🙂', none)).toEqual(text('組織🙂'));
  });

  it('knows the control characters among them', () => {
    expect(readKeys('a\r\t\x7f\bb\x03', none)).toEqual([
      ...text('a'),
      ...[{ name: 'enter' }, { name: 'tab' }, { name: 'backspace' }, { name: 'backspace' }],
      ...text('b'),
      { name: 'interrupt' },
    ]);
    expect(readKeys('\x01x', none)).toEqual(text('x'));
  });

  it('gives one key for a sequence of the terminal, and none for those that mean nothing here', () => {
    expect(readKeys('', { ...none, upArrow: true })).toEqual([{ name: 'up' }]);
    expect(readKeys('', { ...none, tab: true, shift: true })).toEqual([{ name: 'back-tab' }]);
    expect(readKeys('c', { ...none, ctrl: true })).toEqual([{ name: 'interrupt' }]);
    expect(readKeys('x', { ...none, ctrl: true })).toEqual([]);
    expect(readKeys('x', { ...none, meta: true })).toEqual([]);
  });
});
