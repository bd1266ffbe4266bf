import type { FastVideoError } from './errors.ts';
import type { SegmentPromptSourceClientFrame, ServerFrame } from './frames.ts';
import { isOver, newEntry, type SegmentEntry, type SegmentRequest } from './segment-entry.ts';

/** Segments that are kept; the oldest that are over go first. */
export const entriesKept = 200;

/** All segments of a client, oldest first: those that are over, the one being made, those that wait. */
export interface SegmentQueue {
  readonly entries: readonly SegmentEntry[];
  readonly nextKey: number;
  /** Counts the sessions of this client; indices are unique within one. */
  readonly session: number;
}

type Entries = Pick<SegmentQueue, 'entries'>;
type SegmentStart = Extract<ServerFrame, { type: 'ltx2_segment_start' }>;

export const emptyQueue: SegmentQueue = { entries: [], nextKey: 1, session: 0 };

export function hold(queue: SegmentQueue, request: SegmentRequest): SegmentQueue {
  return keep({
    ...queue,
    entries: [...queue.entries, newEntry(queue.nextKey, request)],
    nextKey: queue.nextKey + 1,
  });
}

/** Takes back what has not been sent. */
export function takeBack(queue: SegmentQueue, key: number): SegmentQueue {
  return {
    ...queue,
    entries: queue.entries.filter((entry) => entry.key !== key || entry.state !== 'held'),
  };
}

/** Ends everything that waits or runs: the person ended the session. */
export function dropWaiting(queue: SegmentQueue): SegmentQueue {
  return mapEntries(queue, (entry) => (isOver(entry) ? entry : { ...entry, state: 'cancelled' }));
}

/**
 * What to send now. One request at a time waits in the server: enough for a video without a pause, and an error about a
 * request can only mean that one.
 */
export function nextToSend({ entries }: SegmentQueue): SegmentEntry | undefined {
  if (isSent({ entries })) return undefined;
  return entries.find(({ state }) => state === 'held');
}

/** `waits`: something else comes first, so that the time until it begins says nothing about it. */
export function markSent(queue: SegmentQueue, key: number, now: number, waits: boolean): SegmentQueue {
  return mapEntries(queue, (entry) =>
    entry.key === key ? { ...entry, state: 'sent', ...(waits ? {} : { sentAt: now }) } : entry,
  );
}

export function running({ entries }: Entries): SegmentEntry | undefined {
  return entries.find(({ state }) => state === 'running');
}

/** Whether a request waits in the server. */
export function isSent({ entries }: Entries): boolean {
  return entries.some(({ state }) => state === 'sent');
}

/** What waits in the server. */
export function sent({ entries }: Entries): SegmentEntry | undefined {
  return entries.find(({ state }) => state === 'sent');
}

export function waitingCount({ entries }: Entries): number {
  return entries.filter(({ state }) => state === 'held' || state === 'sent').length;
}

/** A segment begins: the request that was sent, or one that the server chose by itself. */
export function begin(queue: SegmentQueue, frame: SegmentStart, now: number): SegmentQueue {
  const started = {
    state: 'running',
    session: queue.session,
    segmentIdx: frame.segment_idx,
    totalSteps: frame.total_steps,
    startedAt: now,
  } as const;
  const asked = queue.entries.find((entry) => entry.state === 'sent' && answers(frame, entry));
  if (asked) {
    const used = frame.prompt === asked.request.prompt ? {} : { usedPrompt: frame.prompt };
    return mapEntries(queue, (entry) => (entry === asked ? { ...entry, ...started, ...used } : entry));
  }
  const own = { ...newEntry(queue.nextKey, { prompt: frame.prompt, source: frame.source }), ...started };
  const firstWaiting = queue.entries.findIndex(({ state }) => state === 'held' || state === 'sent');
  const place = firstWaiting === -1 ? queue.entries.length : firstWaiting;
  return keep({ ...queue, entries: queue.entries.toSpliced(place, 0, own), nextKey: queue.nextKey + 1 });
}

/** With enhancement the prompt of a request may come back in other words. */
function answers(frame: SegmentStart, { request }: SegmentEntry): boolean {
  return frame.prompt === request.prompt || frame.source === 'enhanced' || frame.source === 'user';
}

/** Changes the entry of a segment of the running session. */
export function update(
  queue: SegmentQueue,
  segmentIdx: number,
  change: (entry: SegmentEntry) => Partial<SegmentEntry>,
): SegmentQueue {
  return mapEntries(queue, (entry) =>
    entry.session === queue.session && entry.segmentIdx === segmentIdx
      ? { ...entry, ...change(entry) }
      : entry,
  );
}

/** The first media of the running segment came. */
export function firstMedia(queue: SegmentQueue, now: number): SegmentQueue {
  const current = running(queue);
  if (current?.segmentIdx === undefined || current.firstFrameMs !== undefined) return queue;
  const { startedAt = now, sentAt = startedAt } = current;
  return update(queue, current.segmentIdx, () => ({ firstFrameMs: now - sentAt }));
}

/** This segment will not be made. */
export function fail(
  queue: SegmentQueue,
  failed: SegmentEntry,
  note: string,
  error: FastVideoError,
): SegmentQueue {
  const state = error.code === 'prompt_blocked' ? 'blocked' : 'failed';
  return mapEntries(queue, (entry) => (entry === failed ? { ...entry, state, note, error } : entry));
}

/** The connection is gone: what had not begun to arrive waits for the next one. */
export function connectionLost(queue: SegmentQueue): SegmentQueue {
  return mapEntries(queue, (entry) => {
    if (entry.state === 'sent') return newEntry(entry.key, entry.request);
    if (entry.state !== 'running') return entry;
    const served = entry.firstFrameMs !== undefined || !isOwn(entry);
    return served ? { ...entry, state: 'interrupted' } : newEntry(entry.key, entry.request);
  });
}

/** Asked for by this client; the rest the server chose by itself. */
function isOwn({ request: { source = 'user' } }: SegmentEntry): boolean {
  return source === 'user';
}

function mapEntries(queue: SegmentQueue, map: (entry: SegmentEntry) => SegmentEntry): SegmentQueue {
  return { ...queue, entries: queue.entries.map(map) };
}

function keep(queue: SegmentQueue): SegmentQueue {
  const surplus = queue.entries.length - entriesKept;
  const oldest = surplus > 0 ? queue.entries.find(isOver) : undefined;
  return oldest ? { ...queue, entries: queue.entries.filter((entry) => entry !== oldest) } : queue;
}

/** The frame that asks the server for a segment. */
export function promptFrame(request: SegmentRequest): SegmentPromptSourceClientFrame {
  const { prompt, source = 'user', negativePrompt, seed, steps, guidanceScale } = request;
  return {
    type: 'segment_prompt_source',
    prompt,
    source,
    ...(negativePrompt === undefined ? {} : { negative_prompt: negativePrompt }),
    ...(seed === undefined ? {} : { seed }),
    ...(steps === undefined ? {} : { num_inference_steps: steps }),
    ...(guidanceScale === undefined ? {} : { guidance_scale: guidanceScale }),
  };
}
