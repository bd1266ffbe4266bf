/** The lists, in the order in which they stand on the screen. */
export const panelIds = ['replicas', 'workers', 'sessions', 'errors'] as const;
export type PanelId = (typeof panelIds)[number];

/** In what order a list is shown; each list knows what the words mean for it. */
export const sortOrders = {
  replicas: ['listed', 'state', 'latency'],
  workers: ['gpu', 'state', 'progress', 'restarts'],
  sessions: ['gpu', 'state', 'idle', 'waiting'],
  errors: ['newest', 'code'],
} as const satisfies Record<PanelId, readonly string[]>;

/** What the keys have set; what is shown follows from it and the status. */
export interface UiState {
  readonly mode: 'browse' | 'filter' | 'help' | 'drain';
  readonly focus: PanelId;
  /** Index into `sortOrders`. */
  readonly sort: Readonly<Record<PanelId, number>>;
  /** The first row shown of each list. */
  readonly offset: Readonly<Record<PanelId, number>>;
  /** The first line shown of a dialog that is higher than its room. */
  readonly dialogOffset: number;
  readonly filter: string;
  /** A line of the dashboard's own: what became of a drain. */
  readonly notice: { readonly text: string; readonly tone: 'good' | 'warn' | 'bad' } | undefined;
}

const zeros = { replicas: 0, workers: 0, sessions: 0, errors: 0 };

export const initialUi: UiState = {
  mode: 'browse',
  focus: 'workers',
  sort: zeros,
  offset: zeros,
  dialogOffset: 0,
  filter: '',
  notice: undefined,
};
