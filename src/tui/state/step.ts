import { cleanText } from '../text/clean-text.ts';
import type { Key } from './keys.ts';
import { type PanelId, panelIds, sortOrders, type UiState } from './ui-state.ts';

/** How much there is of something, and how much of it is on the screen. */
export interface Extent {
  readonly rows: number;
  readonly shown: number;
}

/** What is on the screen now, as far as the keys need it. */
export interface Surroundings {
  /** The lists, with their rows and how many of them are shown; none of a list that the screen has no room for. */
  readonly panels: ReadonlyMap<PanelId, Extent>;
  /** The lines of the open dialog. */
  readonly dialog: Extent;
  /** Whether the server may be asked to drain, or why not. */
  readonly drain: 'possible' | 'no token' | 'router' | 'draining' | 'unreachable';
}

export interface Step {
  readonly ui: UiState;
  /** What the dashboard has to do beside. */
  readonly effect?: 'quit' | 'drain';
}

const longestFilter = 60;

const refusals = {
  'no token':
    'Draining needs the admin token: start with --admin-token or FASTVIDEO_ADMIN_TOKEN (server.admin_token of its config).',
  router:
    'This key drains a server: fastvideo dashboard --url REPLICA. A router drains on SIGTERM, or POST /admin/drain.',
  draining: 'The server is draining already.',
  unreachable: 'The server cannot be reached now.',
} as const;

/** What a key does. */
export function step(ui: UiState, key: Key, around: Surroundings): Step {
  if (key.name === 'interrupt') return { ui, effect: 'quit' };
  switch (ui.mode) {
    case 'filter':
      return { ui: editFilter(ui, key) };
    case 'help':
      if (key.name === 'text' && key.text === 'q') return { ui, effect: 'quit' };
      return { ui: scrollDialog(ui, key, around) ?? { ...ui, mode: 'browse' } };
    case 'drain': {
      const scrolled = scrollDialog(ui, key, around);
      if (scrolled) return { ui: scrolled };
      const asked = key.name === 'text' && key.text.toLowerCase() === 'y';
      const next = { ...ui, mode: 'browse' as const };
      if (asked) return { ui: next, effect: 'drain' };
      return { ui: { ...next, notice: { text: 'Not drained.', tone: 'warn' } } };
    }
    case 'browse':
      return browse({ ...ui, notice: undefined }, key, around);
  }
}

function browse(ui: UiState, key: Key, around: Surroundings): Step {
  const panel = around.panels.get(ui.focus);
  const offset = panel && scrolledTo(ui.offset[ui.focus], key, panel);
  if (offset !== undefined) return { ui: { ...ui, offset: { ...ui.offset, [ui.focus]: offset } } };
  switch (key.name) {
    case 'tab':
      return { ui: moveFocus(ui, 1, around) };
    case 'back-tab':
      return { ui: moveFocus(ui, -1, around) };
    case 'escape':
      return { ui: { ...ui, filter: '' } };
    case 'text':
      return letter(ui, key.text, around);
    default:
      return { ui };
  }
}

function letter(ui: UiState, text: string, { drain }: Surroundings): Step {
  switch (text) {
    case 'q':
      return { ui, effect: 'quit' };
    case 's': {
      const next = (ui.sort[ui.focus] + 1) % sortOrders[ui.focus].length;
      return {
        ui: { ...ui, sort: { ...ui.sort, [ui.focus]: next }, offset: { ...ui.offset, [ui.focus]: 0 } },
      };
    }
    case '/':
      return { ui: { ...ui, mode: 'filter' } };
    case '?':
      return { ui: { ...ui, mode: 'help', dialogOffset: 0 } };
    case 'd':
      if (drain === 'possible') return { ui: { ...ui, mode: 'drain', dialogOffset: 0 } };
      return { ui: { ...ui, notice: { text: refusals[drain], tone: 'warn' } } };
    default:
      return { ui };
  }
}

function editFilter(ui: UiState, key: Key): UiState {
  if (key.name === 'enter') return { ...ui, mode: 'browse' };
  if (key.name === 'escape') return { ...ui, mode: 'browse', filter: '' };
  const filter =
    key.name === 'backspace'
      ? [...ui.filter].slice(0, -1).join('')
      : key.name === 'text'
        ? (ui.filter + (cleanText(key.text) || key.text.replace(/[^ ]/g, ''))).slice(0, longestFilter)
        : ui.filter;
  return { ...ui, filter, offset: { replicas: 0, workers: 0, sessions: 0, errors: 0 } };
}

/** Undefined for a key that does not scroll, and where all of the dialog is shown. */
function scrollDialog(ui: UiState, key: Key, { dialog }: Surroundings): UiState | undefined {
  if (dialog.shown >= dialog.rows) return undefined;
  const offset = scrolledTo(ui.dialogOffset, key, dialog);
  return offset === undefined ? undefined : { ...ui, dialogOffset: offset };
}

/** The first row shown after the key; undefined for a key that does not scroll. */
function scrolledTo(offset: number, key: Key, { rows, shown }: Extent): number | undefined {
  const page = Math.max(1, shown - 1);
  const steps: Partial<Record<Key['name'], number>> = {
    up: -1,
    down: 1,
    'page-up': -page,
    'page-down': page,
    home: Number.NEGATIVE_INFINITY,
    end: Number.POSITIVE_INFINITY,
  };
  const by = steps[key.name];
  if (by === undefined) return undefined;
  const last = Math.max(0, rows - shown);
  return Math.max(0, Math.min(last, Math.min(offset, last) + by));
}

function moveFocus(ui: UiState, by: 1 | -1, { panels }: Surroundings): UiState {
  const shown = panelIds.filter((id) => panels.has(id));
  const next = shown[(shown.indexOf(ui.focus) + by + shown.length) % shown.length];
  return next ? { ...ui, focus: next } : ui;
}
