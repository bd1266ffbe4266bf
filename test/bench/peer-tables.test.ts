import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { PeerResults, ServerFigures } from '../../bench/peer/results.ts';
import { peerTables } from '../../bench/peer/tables.ts';
import { docsPath, withReport } from '../../bench/peer/write-docs.ts';
import { markdownTable } from '../../bench/support/table.ts';

const figures = (firstMs: number, completeMs: number, cpuMs: number, perSecond: number): ServerFigures => ({
  firstMs,
  completeMs,
  cpuMs,
  perSecond,
});
const results: PeerResults = {
  sizes: [
    {
      ...{ width: 256, height: 256, frames: 24, firstMediaBound: 1 / 5 },
      ...{ ours: figures(10, 50, 60, 20), peer: figures(100, 200, 120, 4) },
      ...{ loop: { wallMs: 40, cpuMs: 40 }, ffmpeg: { wallMs: 100, cpuMs: 90 } },
    },
    {
      ...{ width: 1920, height: 1088, frames: 121, firstMediaBound: 1 / 20 },
      ...{ ours: figures(60, 650, 1200, 1), peer: figures(1000, 3000, 4000, 0.3) },
      ...{ loop: { wallMs: 900, cpuMs: 1000 }, ffmpeg: { wallMs: 1000, cpuMs: 1100 } },
    },
  ],
  sessions: [
    { sessions: 1, completed: 12, asked: 12, ours: figures(10, 50, 60, 20), peer: figures(100, 200, 120, 4) },
    {
      sessions: 4,
      completed: 16,
      asked: 16,
      ours: figures(20, 90, 60, 30),
      peer: figures(100, 200, 120, 10),
    },
    {
      ...{ sessions: 8, completed: 32, asked: 32, ours: figures(30, 200, 60, 30) },
      peer: { roundsDone: 1, completed: 3, asked: 32, silentMs: 20_000 },
    },
    { sessions: 64, completed: 127, asked: 128, ours: figures(300, 2000, 60, 30) },
  ],
  encode: { ours: { wallMs: 2080, cpuMs: 3000 }, ffmpeg: { wallMs: 2000, cpuMs: 2900 } },
};

function rowsOf(title: RegExp) {
  const table = peerTables(results).find((one) => title.test(one.title));
  if (!table) throw new Error(`There is no table ${title}.`);
  return table.rows;
}

describe('the tables beside the peer', () => {
  it('have every ratio that must hold, with its bound and whether it holds', () => {
    expect(rowsOf(/must hold/)).toEqual([
      ["first media 256x256x24, of the peer's", '0.100', 'at most 0.2', 'yes'],
      ["first media 1920x1088x121, of the peer's", '0.060', 'at most 0.05', 'NO'],
      ["whole segment 1920x1088x121 with sound, of bare ffmpeg's without", '0.650', 'at most 0.7', 'yes'],
      ["segments/s, 1 at once, of the peer's", '5.000', 'at least 4', 'yes'],
      ["segments/s, 4 at once, of the peer's", '3.000', 'at least 4', 'NO'],
      ['segments of 64 sessions that are complete, of those asked for', '0.992', 'at least 1', 'NO'],
      ['segments/s of 64 sessions, of those of 8', '1.000', 'at least 0.95', 'yes'],
      ["CPU for a segment 256x256x24, of the bare loop's", '1.500', 'at most 1.3', 'NO'],
      ["CPU for a segment 1920x1088x121, of the bare loop's", '1.200', 'at most 1.3', 'yes'],
      ["`encode`, 484 frames of 1280x720, of bare ffmpeg's", '1.040', 'at most 1.05', 'yes'],
    ]);
  });

  it('have a row for the deadlock of the peer, and one for sessions that it is not asked for', () => {
    const [, , eight, many] = rowsOf(/Sessions at once/);
    expect(eight).toEqual([
      ...['8', '32 of 32', 30, 'deadlock in round 2: 3 of 32, then silent for 20 s', ''],
      ...[60, '', ''],
    ]);
    expect(many).toEqual(['64', '127 of 128', 30, 'not asked', '', 60, '', '']);
  });

  it('have as many columns in each row as in the header', () => {
    for (const { title, header, rows } of peerTables(results)) {
      for (const row of rows) expect(row, title).toHaveLength(header.length);
    }
  });

  it('take the place of the last ones in the docs, and of nothing else', async () => {
    const page = await readFile(docsPath, 'utf8');
    const tables = peerTables(results);
    const report = { lines: ['On a day.'], tables, standIns: [{ module: 'one', reason: 'Because.' }] };
    const once = withReport(page, report);
    for (const table of tables) expect(once).toContain(markdownTable(table));
    expect(once).toContain('- `one`: Because.');
    expect(withReport(once, report)).toBe(once);
    const [before] = page.split('<!-- peer: begin -->');
    const after = page.split('<!-- peer: end -->').at(-1);
    expect(once.startsWith(before ?? '?')).toBe(true);
    expect(once.endsWith(after ?? '?')).toBe(true);
    expect(() => withReport('no marks', report)).toThrow('no place');
  });
});
