import { expect } from 'vitest';
import { crowdedStatus } from '../tui/sample-status.ts';
import { startScriptedServer } from '../tui/scripted-server.ts';
import { openTerminal } from '../tui/terminal.ts';

/** The dashboard has its place on a terminal of that size: every list, and no line that is too long. */
export async function expectLists(columns: number, rows: number): Promise<void> {
  await using server = await startScriptedServer(crowdedStatus());
  await using terminal = openTerminal({ columns, rows, args: ['--url', server.url] });
  const shown = await terminal.shows('RECENT ERRORS 9');
  expect(shown).toContain(server.url);
  expect(shown).toContain('5/8 ready');
  expect(shown).toContain('queue 15');
  expect(shown).toContain('▸ WORKERS 8');
  expect(shown).toMatch(/^0 +busy/m);
  expect(shown).toContain('SESSIONS 20');
  expect(shown).toMatch(/q quit/);
  expect(terminal.isAlternate()).toBe(true);
  // A line that was wrapped would stand in a row of its own, and the first row would be gone.
  expect(shown.split('\n')[0]).toContain(server.url);
  expect(terminal.written()).not.toContain('\x07');
}
