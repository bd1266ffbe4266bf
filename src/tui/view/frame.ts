import type { DashboardState } from '../state/dashboard-state.ts';
import type { Extent, Surroundings } from '../state/step.ts';
import type { PanelId } from '../state/ui-state.ts';
import { cutLine, type Line, lineWidth, span } from '../text/line.ts';
import { bannerLines } from './banners.ts';
import { type Dialog, dialogOf } from './dialogs/dialog.ts';
import { footerLine } from './footer.ts';
import { gaugesLine } from './gauges.ts';
import { countsLine, headerLine } from './header.ts';
import { buildPanels } from './panels/build-panels.ts';
import type { Panel } from './panels/panel.ts';
import { shareRows } from './share-rows.ts';
import type { Size } from './size.ts';

/** One picture: the lines from the top, and what the keys work on. */
export interface Frame {
  readonly head: readonly Line[];
  readonly body: readonly Line[];
  readonly foot: Line;
  readonly panels: Surroundings['panels'];
  /** Shown in place of the body. */
  readonly dialog: Dialog | undefined;
}

const weights: Readonly<Record<PanelId, number>> = { replicas: 3, workers: 4, sessions: 3, errors: 2 };

/** The whole picture for a screen of that size; pure, so the same state always gives the same picture. */
export function buildFrame(state: DashboardState, { columns: width, rows }: Size, hasKeys: boolean): Frame {
  const { fleet, ui } = state;
  const banners = bannerLines(state, width);
  const foot = (dialog: Dialog | undefined) =>
    footerLine(ui, hasKeys, width, dialog !== undefined && dialog.shown < dialog.rows);
  if (!fleet) {
    const waiting: Line[] = state.problem ? [] : [cutLine([span('connecting…', 'dim')], width)];
    const head = [headerLine(state.label, undefined, width), ...banners, ...waiting];
    const kept = head.slice(0, Math.max(0, rows - 1));
    const dialog = dialogOf(state, { columns: width, rows: rows - kept.length - 1 });
    return { head: kept, body: [], foot: foot(dialog), panels: new Map(), dialog };
  }
  const gauges = gaugesLine(state.history, fleet, width);
  const head = [headerLine(state.label, fleet, width), countsLine(fleet, width), ...(gauges ? [gauges] : [])];
  // The picture may be old or the server ending: that comes before counts on a screen that is too short for both.
  const kept = [...head.slice(0, Math.max(1, rows - 5 - banners.length)), ...banners].slice(0, rows - 1);
  const room = { columns: width, rows: rows - kept.length - 1 };
  const body = buildBody(state, buildPanels(fleet, ui, width), room);
  const dialog = dialogOf(state, room);
  return { head: kept, foot: foot(dialog), ...body, dialog };
}

function buildBody(state: DashboardState, all: readonly Panel[], { columns, rows }: Size) {
  const { focus, offset } = state.ui;
  const panels = fittingPanels(all, focus, rows);
  const headers = panels.reduce((sum, panel) => sum + (panel.matching > 0 ? 2 : 1), 0);
  const shares = shareRows(
    panels.map(({ id, matching }) => ({
      rows: Math.max(1, matching),
      weight: weights[id] * (id === focus ? 2 : 1),
    })),
    rows - headers,
  );
  const around = new Map<PanelId, Extent>(all.map(({ id, matching }) => [id, { rows: matching, shown: 0 }]));
  const lines = panels.flatMap((panel, index) => {
    const shown = Math.min(shares[index] ?? 1, Math.max(1, panel.matching));
    around.set(panel.id, { rows: panel.matching, shown });
    const from = Math.max(0, Math.min(offset[panel.id], panel.matching - shown));
    return drawPanel(panel, panel.id === focus, from, shown, columns);
  });
  return { body: lines.slice(0, Math.max(0, rows)), panels: around };
}

/** The list in focus, and as many others as there is room for. */
function fittingPanels(all: readonly Panel[], focus: PanelId, rows: number): readonly Panel[] {
  const first = all.find(({ id }) => id === focus) ?? all[0];
  // A title, and a column header with one row or the line that says that there is none.
  const least = (panel: Panel) => (panel.matching > 0 ? 3 : 2);
  let rest = rows - (first ? least(first) : 0);
  return all.filter((panel) => {
    if (panel === first) return true;
    if (least(panel) > rest) return false;
    rest -= least(panel);
    return true;
  });
}

function drawPanel(panel: Panel, focused: boolean, from: number, shown: number, width: number): Line[] {
  const { title, matching, total, sort, header, lines, empty } = panel;
  const count = matching === total ? String(total) : `${matching} of ${total}`;
  const below = matching - from - shown;
  const range =
    matching > shown ? `  ${from > 0 ? `↑${from} ` : ''}${below > 0 ? `↓${below} ` : ''}`.trimEnd() : '';
  const by = matching > 1 ? `  by ${sort}` : '';
  const name: Line = [
    span(focused ? '▸ ' : '  ', 'accent'),
    span(title, 'strong'),
    span(` ${count}`),
    span(`${by}${range} `, 'dim'),
  ];
  const rule = span('─'.repeat(Math.max(0, width - lineWidth(name))), 'dim');
  const titleLine = cutLine([...name, rule], width);
  if (matching === 0) return [titleLine, cutLine([span(empty, 'dim')], width)];
  return [titleLine, ...[header, ...lines.slice(from, from + shown)].map((line) => cutLine(line, width))];
}
