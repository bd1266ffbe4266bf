import { describe, expect, it } from 'vitest';
import { FastVideoError } from '../../../src/core/base/errors.ts';
import {
  type DashboardState,
  initialState,
  withProblem,
  withStatus,
} from '../../../src/tui/state/dashboard-state.ts';
import type { UiState } from '../../../src/tui/state/ui-state.ts';
import { lineText, lineWidth } from '../../../src/tui/text/line.ts';
import { buildFrame } from '../../../src/tui/view/frame.ts';
import type { Size } from '../../../src/tui/view/size.ts';
import { crowdedStatus, quietStatus } from '../sample-status.ts';

const empty = initialState('http://gpu-box:8000');
const crowded = withStatus(withStatus(empty, crowdedStatus(0), 1000), crowdedStatus(1), 2000);
const router = withStatus(
  empty,
  {
    replicas: [
      { url: 'http://a.long.name.in.a.cluster.example:8000', status: 'healthy', detail: crowdedStatus() },
      { url: 'http://b:8000', status: 'unhealthy', problem: 'connection refused' },
    ],
  },
  1000,
);
const withUi = (state: DashboardState, ui: Partial<UiState>): DashboardState => ({
  ...state,
  ui: { ...state.ui, ...ui },
});

function picture(state: DashboardState, columns = 80, rows = 24, hasKeys = true): string[] {
  const { head, body, foot } = buildFrame(state, { columns, rows }, hasKeys);
  return [...head, ...body, foot].map(lineText);
}

describe('buildFrame', () => {
  it('never is wider or higher than the screen', () => {
    const away = withProblem(crowded, new Error(`refused ${'x'.repeat(300)}`), 3000);
    const notice = withUi(crowded, { notice: { text: 'word '.repeat(80), tone: 'bad' } });
    const filtering = withUi(crowded, { mode: 'filter', filter: 'a very long filter '.repeat(3) });
    for (const state of [
      empty,
      crowded,
      router,
      away,
      notice,
      filtering,
      withUi(crowded, { filter: 'gpu1' }),
    ]) {
      for (let columns = 20; columns <= 220; columns += 7) {
        for (const rows of [4, 6, 8, 10, 12, 15, 19, 24, 50]) {
          const { head, body, foot } = buildFrame(state, { columns, rows }, true);
          const where = `${columns}x${rows}`;
          expect(head.length + body.length + 1, where).toBeLessThanOrEqual(rows);
          expect(Math.max(...[...head, ...body, foot].map(lineWidth)), where).toBeLessThanOrEqual(columns);
        }
      }
    }
  });

  it('shows all lists at 80x24, every GPU among them', () => {
    const lines = picture(crowded);
    expect(lines.filter((line) => /^\d {4}\w+/.test(line))).toHaveLength(8);
    expect(lines.filter((line) => line.startsWith('▸ '))).toEqual([
      expect.stringContaining('WORKERS 8  by gpu'),
    ]);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}SESSIONS 20 {2}by gpu {2}↓16 ─+$/));
  });

  it('shows the list in focus where not all fit, and others where there is room', () => {
    const lines = picture(withUi(crowded, { focus: 'errors' }), 80, 12).join('\n');
    expect(lines).toContain('▸ RECENT ERRORS 9');
    expect(lines).toContain('WORKERS 8');
    expect(lines).not.toContain('SESSIONS 20 ');
    expect(picture(withUi(crowded, { focus: 'sessions' }), 80, 8).join('\n')).not.toContain('WORKERS 8');
  });

  it('tells of every list how much of it is shown, also of those that it has no room for', () => {
    const { panels } = buildFrame(crowded, { columns: 40, rows: 8 }, true);
    expect([...panels.keys()]).toEqual(['workers', 'sessions', 'errors']);
    expect(panels.get('errors')).toEqual({ rows: 9, shown: 0 });
  });

  it.each([
    [40, 12],
    [40, 10],
    [20, 5],
  ])('lets every line of the help be scrolled to at %sx%s', (columns, rows) => {
    const seen = new Set<string>();
    for (let dialogOffset = 0; dialogOffset < 30; dialogOffset += 1) {
      const { dialog, head } = buildFrame(
        withUi(crowded, { mode: 'help', dialogOffset }),
        { columns, rows },
        true,
      );
      expect(dialog?.shown).toBeGreaterThan(0);
      expect(head.length + (dialog?.lines.length ?? 0) + (dialog?.framed ? 3 : 0) + 1).toBeLessThanOrEqual(
        rows,
      );
      for (const line of dialog?.lines ?? []) seen.add(lineText(line).trim());
    }
    const text = [...seen].join(' ').replace(/ +/g, ' ');
    for (const words of ['go to the next', 'Home End', 'clear the', 'asks first', 'Ctrl-C too']) {
      expect(text).toContain(words);
    }
  });

  it('says what the server is: fastvideo, and the model that makes the pictures', () => {
    const [title] = picture(withStatus(empty, quietStatus({ service: 'ltx2-streaming-backend' }), 0), 160);
    expect(title).toMatch(/^fastvideo 0\.1\.0 {2}\S*LTX2\S* {2}http/);
    expect(title).not.toContain('ltx2-streaming-backend');
    expect(picture(router, 160)[0]).toMatch(/^fastvideo router/);
  });

  it('drops columns of less worth first', () => {
    const header = (columns: number) =>
      picture(crowded, columns)
        .find((line) => line.startsWith('GPU'))
        ?.trim()
        .split(/ +/);
    expect(header(200)).toEqual(['GPU', 'STATE', 'SESSION', 'SEG', 'PROGRESS', 'MODEL', 'WARM-UP', 'RST']);
    expect(header(60)).toEqual(['GPU', 'STATE', 'SESSION', 'SEG', 'PROGRESS', 'MODEL', 'RST']);
    expect(header(40)).toEqual(['GPU', 'STATE', 'SESSION', 'SEG', 'PROGRESS']);
  });

  it('says what there is none of', () => {
    const lines = picture(withStatus(empty, quietStatus(), 0));
    expect(lines).toContain('no sessions');
    expect(lines).toContain('no errors');
    expect(picture(withUi(crowded, { filter: 'zzz' }))).toContain('nothing matches "zzz"');
  });

  it('says that it connects, and since when it cannot', () => {
    expect(picture(empty)).toContain('connecting…');
    const away = withProblem(empty, new FastVideoError('upstream_timeout', 'connection refused'), 5000);
    const later = withProblem(away, new FastVideoError('upstream_timeout', 'no answer'), 60_000);
    const clock = new Date(5000).toTimeString().slice(0, 8);
    expect(picture(later)).toContain(`unreachable since ${clock}, retrying: no answer`);
    expect(picture(withStatus(later, quietStatus(), 61_000)).join('\n')).not.toContain('unreachable');
  });

  it('warns of a drain and of a store that does not work', () => {
    const store = { kind: 'redis', ok: false, reason: 'connection\nlost' } as const;
    const lines = picture(withStatus(empty, quietStatus({ draining: true, store }), 0)).join('\n');
    expect(lines).toContain('draining: accepts no new sessions');
    expect(lines).toContain('store redis not ok: connection lost');
  });

  it('is the same picture for the same state, and the same state for the same problem', () => {
    const size: Size = { columns: 80, rows: 24 };
    expect(buildFrame(crowded, size, true)).toEqual(buildFrame(crowded, size, true));
    const away = withProblem(crowded, new Error('refused'), 3000);
    expect(withProblem(away, new Error('refused'), 4000)).toBe(away);
  });

  it('names no keys where there is no keyboard', () => {
    expect(picture(crowded, 80, 24, false).at(-1)).toBe('no keyboard input; Ctrl-C quits');
  });
});
