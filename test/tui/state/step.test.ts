import { describe, expect, it } from 'vitest';
import type { Key } from '../../../src/tui/state/keys.ts';
import { type Step, type Surroundings, step } from '../../../src/tui/state/step.ts';
import { initialUi, type UiState } from '../../../src/tui/state/ui-state.ts';

const around: Surroundings = {
  panels: new Map([
    ['workers', { rows: 8, shown: 5 }],
    ['sessions', { rows: 20, shown: 6 }],
    ['errors', { rows: 2, shown: 2 }],
  ]),
  dialog: { rows: 7, shown: 7 },
  drain: 'possible',
};
const text = (value: string): Key => ({ name: 'text', text: value });

function press(keys: readonly (Key | string)[], from: UiState = initialUi, where = around): Step {
  return keys.reduce<Step>(({ ui }, key) => step(ui, typeof key === 'string' ? text(key) : key, where), {
    ui: from,
  });
}

describe('step', () => {
  it('scrolls the list in focus and stops at both ends', () => {
    const down = { name: 'down' } as const;
    expect(press([down, down]).ui.offset.workers).toBe(2);
    expect(press(Array.from({ length: 20 }, () => down)).ui.offset.workers).toBe(3);
    expect(press([{ name: 'end' }, { name: 'up' }]).ui.offset.workers).toBe(2);
    expect(press([{ name: 'up' }]).ui.offset.workers).toBe(0);
    expect(press([{ name: 'tab' }, { name: 'page-down' }]).ui.offset).toMatchObject({
      workers: 0,
      sessions: 5,
    });
    expect(press([{ name: 'end' }, { name: 'home' }]).ui.offset.workers).toBe(0);
  });

  it('starts from the last row shown when the list has become shorter', () => {
    const ui = { ...initialUi, offset: { ...initialUi.offset, workers: 90 } };
    expect(press([{ name: 'up' }], ui).ui.offset.workers).toBe(2);
  });

  it('goes round the lists that are on the screen', () => {
    const tab = { name: 'tab' } as const;
    expect(press([tab]).ui.focus).toBe('sessions');
    expect(press([tab, tab, tab]).ui.focus).toBe('workers');
    expect(press([{ name: 'back-tab' }]).ui.focus).toBe('errors');
  });

  it('goes to lists that the screen has no room for', () => {
    const panels = new Map([...around.panels, ['sessions', { rows: 20, shown: 0 }] as const]);
    expect(press([{ name: 'tab' }], initialUi, { ...around, panels }).ui.focus).toBe('sessions');
  });

  it('scrolls a dialog that is higher than its room; what does not scroll closes it', () => {
    const where = { ...around, dialog: { rows: 7, shown: 3 } };
    const down = { name: 'down' } as const;
    expect(press(['?', down, down], initialUi, where).ui).toMatchObject({ mode: 'help', dialogOffset: 2 });
    expect(press(['?', { name: 'end' }], initialUi, where).ui.dialogOffset).toBe(4);
    expect(press(['?', { name: 'end' }, { name: 'up' }], initialUi, where).ui.dialogOffset).toBe(3);
    expect(press(['?', down, 'x'], initialUi, where).ui.mode).toBe('browse');
    expect(press(['?', down]).ui.mode).toBe('browse');
    expect(press(['d', down, 'y'], initialUi, where).effect).toBe('drain');
    expect(press(['d', down, 'n', '?'], initialUi, where).ui.dialogOffset).toBe(0);
  });

  it('takes each order in turn, of the list in focus alone', () => {
    expect(press(['s', 's']).ui.sort).toMatchObject({ workers: 2, sessions: 0 });
    expect(press(['s', 's', 's', 's']).ui.sort.workers).toBe(0);
  });

  it('types a filter, in which the letters of commands are letters', () => {
    const typed = press(['/', 'q', 's', 'x', { name: 'backspace' }]);
    expect(typed).toMatchObject({ ui: { mode: 'filter', filter: 'qs' } });
    expect(typed.effect).toBeUndefined();
    expect(press(['/', 'ab', { name: 'enter' }]).ui).toMatchObject({ mode: 'browse', filter: 'ab' });
    expect(press(['/', 'ab', { name: 'escape' }]).ui).toMatchObject({ mode: 'browse', filter: '' });
    expect(press(['/', 'ab', { name: 'enter' }, { name: 'escape' }]).ui.filter).toBe('');
    expect(press(['/', '組', '織', { name: 'backspace' }]).ui.filter).toBe('組');
    expect(press(['/', 'gpu', ' ', '1\x1b[31m']).ui.filter).toBe('gpu 1');
    expect(press(['/', 'x'.repeat(500)]).ui.filter.length).toBeLessThan(100);
  });

  it('drains only after y', () => {
    expect(press(['d'])).toMatchObject({ ui: { mode: 'drain' } });
    expect(press(['d', 'y'])).toMatchObject({ effect: 'drain', ui: { mode: 'browse' } });
    for (const key of ['n', 'q', ' ']) expect(press(['d', key]).effect).toBeUndefined();
    expect(press(['d', { name: 'enter' }])).not.toHaveProperty('effect');
  });

  it.each([
    ['no token', /--admin-token/],
    ['router', /router/],
    ['draining', /already/],
    ['unreachable', /cannot be reached/],
  ] as const)('says why it does not drain: %s', (drain, reason) => {
    const { ui } = press(['d'], initialUi, { ...around, drain });
    expect(ui.mode).toBe('browse');
    expect(ui.notice?.text).toMatch(reason);
    expect(press([{ name: 'up' }], ui).ui.notice).toBeUndefined();
  });

  it('quits on q and on Ctrl-C, on Ctrl-C from everywhere', () => {
    expect(press(['q']).effect).toBe('quit');
    for (const mode of ['browse', 'filter', 'help', 'drain'] as const) {
      expect(press([{ name: 'interrupt' }], { ...initialUi, mode }).effect).toBe('quit');
    }
  });
});
