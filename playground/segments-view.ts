import { isOver, type SegmentEntry, type SegmentState } from '../src/client/segment-entry.ts';
import { formatMs } from './format-measure.ts';
import { isAvailable, pageElement, setAvailable, setText } from './page-element.ts';

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
  readonly replay: HTMLButtonElement;
  readonly picture: HTMLCanvasElement;
  readonly prompt: HTMLElement;
  readonly state: HTMLElement;
  readonly measures: HTMLElement;
  readonly note: HTMLElement;
  readonly takeBack: HTMLButtonElement;
}

interface SegmentsEvents {
  takeBack(key: number): void;
  replay(key: number): void;
  /** What had the focus goes away: puts it elsewhere. */
  focusLost(): void;
}

/** Pixels of a row's picture, twice as many as it is wide. */
const pictureWidth = 144;

/** The list of segments; a row is changed in place, so that the focus and the place of scrolling stay. */
export class SegmentsView {
  readonly #list = pageElement('segments', HTMLOListElement);
  readonly #empty = pageElement('segments-empty', HTMLElement);
  readonly #rows = new Map<number, Row>();
  readonly #events: SegmentsEvents;

  constructor(events: SegmentsEvents) {
    this.#events = events;
  }

  /** What is on the screen becomes the picture of the segment. */
  picture(key: number, video: HTMLVideoElement): void {
    const picture = this.#rows.get(key)?.picture;
    if (!picture || video.videoWidth === 0) return;
    picture.width = pictureWidth;
    picture.height = Math.round((pictureWidth * video.videoHeight) / video.videoWidth);
    picture.getContext('2d')?.drawImage(video, 0, 0, picture.width, picture.height);
  }

  /** `canReplay`: whether a segment can be played again. */
  show(entries: readonly SegmentEntry[], canReplay: (key: number) => boolean): void {
    this.#empty.hidden = entries.length > 0;
    const atEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 24;
    const keys = new Set(entries.map(({ key }) => key));
    for (const [key, { item }] of this.#rows) {
      if (keys.has(key)) continue;
      if (item.contains(document.activeElement)) this.#events.focusLost();
      item.remove();
      this.#rows.delete(key);
    }
    for (const [index, entry] of entries.entries()) {
      const row = this.#rows.get(entry.key) ?? this.#addRow(entry.key);
      if (this.#list.children[index] !== row.item) {
        this.#list.insertBefore(row.item, this.#list.children[index] ?? null);
      }
      if (entry.state !== 'held' && row.takeBack === document.activeElement) this.#events.focusLost();
      showEntry(row, entry);
      setAvailable(row.replay, canReplay(entry.key));
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
      replay: document.createElement('button'),
      picture: document.createElement('canvas'),
      prompt: part('prompt'),
      state: part('state'),
      measures: part('measures'),
      note: part('note'),
      takeBack: document.createElement('button'),
    };
    const number = part('number');
    number.textContent = String(key);
    row.replay.type = 'button';
    row.replay.className = 'replay';
    row.replay.append(row.picture, number);
    row.replay.addEventListener('click', () => {
      if (isAvailable(row.replay)) this.#events.replay(key);
    });
    row.takeBack.type = 'button';
    row.takeBack.textContent = 'Remove';
    row.takeBack.addEventListener('click', () => this.#events.takeBack(key));
    item.append(row.replay, row.prompt, row.state, row.measures, row.note, row.takeBack);
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
  const replayWords = `Play segment ${entry.key} again: ${prompt}`;
  row.replay.title = replayWords;
  row.replay.setAttribute('aria-label', replayWords);
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
  // A number stays with its unit.
  return parts.map((part) => part.replaceAll(' ', '\u00a0')).join(' · ');
}
