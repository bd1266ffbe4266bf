import { isOver, type SegmentEntry, type SegmentState } from '../src/client/segment-entry.ts';
import { formatMs } from './format-measure.ts';
import { pageElement, setText } from './page-element.ts';

const stateWords: Readonly<Record<SegmentState, string>> = {
  held: 'waiting',
  sent: 'next',
  running: 'generating',
  done: 'done',
  cancelled: 'cancelled',
  failed: 'failed',
  blocked: 'blocked',
  interrupted: 'cut off',
};

interface Row {
  readonly item: HTMLLIElement;
  readonly prompt: HTMLElement;
  readonly state: HTMLElement;
  readonly measures: HTMLElement;
  readonly note: HTMLElement;
  readonly takeBack: HTMLButtonElement;
}

/** The list of segments; a row is changed in place, so that the focus and the place of scrolling stay. */
export class SegmentsView {
  readonly #list = pageElement('segments', HTMLOListElement);
  readonly #empty = pageElement('segments-empty', HTMLElement);
  readonly #rows = new Map<number, Row>();
  readonly #onTakeBack: (key: number) => void;
  readonly #onFocusLost: () => void;

  /** `onFocusLost` puts the focus elsewhere: what has it goes away. */
  constructor(onTakeBack: (key: number) => void, onFocusLost: () => void) {
    this.#onFocusLost = onFocusLost;
    this.#onTakeBack = onTakeBack;
  }

  show(entries: readonly SegmentEntry[]): void {
    this.#empty.hidden = entries.length > 0;
    const atEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 24;
    const keys = new Set(entries.map(({ key }) => key));
    for (const [key, { item }] of this.#rows) {
      if (keys.has(key)) continue;
      if (item.contains(document.activeElement)) this.#onFocusLost();
      item.remove();
      this.#rows.delete(key);
    }
    for (const [index, entry] of entries.entries()) {
      const row = this.#rows.get(entry.key) ?? this.#addRow(entry.key);
      if (this.#list.children[index] !== row.item) {
        this.#list.insertBefore(row.item, this.#list.children[index] ?? null);
      }
      if (entry.state !== 'held' && row.takeBack === document.activeElement) this.#onFocusLost();
      showEntry(row, entry);
    }
    if (atEnd) this.#list.scrollTop = this.#list.scrollHeight;
  }

  #addRow(key: number): Row {
    const part = (className: string) => {
      const element = document.createElement('span');
      element.className = className;
      return element;
    };
    const item = document.createElement('li');
    const row: Row = {
      item,
      prompt: part('prompt'),
      state: part('state'),
      measures: part('measures'),
      note: part('note'),
      takeBack: document.createElement('button'),
    };
    const number = part('number');
    number.textContent = String(key);
    row.takeBack.type = 'button';
    row.takeBack.textContent = 'Remove';
    row.takeBack.addEventListener('click', () => this.#onTakeBack(key));
    item.append(number, row.prompt, row.state, row.measures, row.note, row.takeBack);
    this.#rows.set(key, row);
    return row;
  }
}

function showEntry(row: Row, entry: SegmentEntry): void {
  const prompt = entry.usedPrompt ?? entry.request.prompt;
  row.item.dataset.state = entry.state;
  setText(row.prompt, prompt);
  row.prompt.title = prompt;
  setText(row.state, stateWords[entry.state]);
  setText(row.measures, measures(entry));
  setText(row.note, entry.note ?? '');
  row.takeBack.hidden = entry.state !== 'held';
  row.takeBack.setAttribute('aria-label', `Remove: ${prompt}`);
}

/** The timings of an entry in one line. */
function measures(entry: SegmentEntry): string {
  const parts: string[] = [];
  if (entry.firstFrameMs !== undefined) parts.push(`first frame ${formatMs(entry.firstFrameMs)}`);
  if (entry.generationMs !== undefined) parts.push(`generated in ${formatMs(entry.generationMs)}`);
  if (entry.frames !== undefined) parts.push(`${entry.frames} frames`);
  if (entry.durationMs !== undefined && isOver(entry)) parts.push(`${formatMs(entry.durationMs)} of video`);
  return parts.join(' · ');
}
