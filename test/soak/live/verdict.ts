import { median } from '../../../bench/support/statistics.ts';

/** What was measured at one time; seconds and MiB. */
export interface LiveSample {
  readonly minute: number;
  /** The longest time for which the measuring process itself could not run, in milliseconds: what the machine adds. */
  readonly lateMs: number;
  /** Medians since the sample before: end of the buffer and play head, each less the page's clock. */
  readonly edge: number;
  readonly head: number;
  /** End of the buffer less the play head: median, least and most since the sample before. */
  readonly latency: number;
  readonly leastLatency: number;
  readonly mostLatency: number;
  readonly bufferedRanges: number;
  readonly bufferedSeconds: number;
  readonly wentBack: number;
  /** Since the beginning: waits for media, jumps to the live edge, holes, errors. */
  readonly stops: number;
  readonly jumps: number;
  readonly gaps: number;
  readonly errors: number;
  readonly segments: number;
  /** Since the beginning: segments that did not follow the one before. */
  readonly disorder: number;
  readonly steered: number;
  /** Segments that the page keeps in its list, and those among them that are not over. */
  readonly entries: number;
  readonly waiting: number;
  readonly serverMiB: number;
  readonly workersMiB: number;
  readonly rendererMiB: number;
  readonly heapMiB: number;
  readonly nodes: number;
  readonly listeners: number;
}

/** One thing that must hold. */
export interface Finding {
  readonly what: string;
  readonly measured: number;
  readonly bound: number;
  readonly unit: string;
}

const driftBoundMs = 200;
/** Seconds by which the latency falls when media comes so late that the server's clock of the viewer waits as well. */
const lateDip = 0.4;
/** What a series may grow by over the last three quarters of a run, by its slope. */
const growthBounds = {
  serverMiB: 12,
  workersMiB: 12,
  rendererMiB: 24,
  heapMiB: 2,
  nodes: 50,
  listeners: 20,
} as const;
/** The player keeps 60 s, lets a quarter more come together before it removes any, and stays about 1 s behind the edge. */
const bufferedBound = 60 * 1.25 + 7;

/** What must hold of a run; the first samples are not counted, in which everything grows to its working size. */
export function findings(samples: readonly LiveSample[]): readonly Finding[] {
  const last = samples.at(-1);
  if (!last) throw new Error('There is no sample.');
  const late = samples.slice(Math.floor(samples.length / 4));
  const drift = (what: string, series: readonly number[]) => ({
    what: `drift of the ${what}`,
    measured: Math.abs(driftOf(series)) * 1000,
    bound: driftBoundMs,
    unit: 'ms',
  });
  return [
    drift('live edge', onTime(late)),
    drift(
      'latency',
      late.map(({ latency }) => latency),
    ),
    { what: 'holes in the media', measured: last.gaps, bound: 0, unit: '' },
    { what: 'segments out of order', measured: last.disorder, bound: 0, unit: '' },
    { what: 'errors', measured: last.errors, bound: 0, unit: '' },
    { what: 'play head went back', measured: last.wentBack, bound: 0, unit: 'times' },
    { what: 'buffered ranges', measured: most(late, 'bufferedRanges'), bound: 1, unit: '' },
    { what: 'buffered', measured: most(late, 'bufferedSeconds'), bound: bufferedBound, unit: 's' },
    ...Object.entries(growthBounds).map(([name, bound]) => ({
      what: `growth of ${name}`,
      measured: growth(late, name as keyof typeof growthBounds),
      bound,
      unit: '',
    })),
  ];
}

export function holds({ measured, bound }: Finding): boolean {
  return measured <= bound;
}

/**
 * Where media came too late for the viewer, the viewer has waited, and the stream goes on later: that is the machine's, and
 * no drift. What such samples changed is taken out of the series.
 */
function onTime(samples: readonly LiveSample[]): number[] {
  let moved = 0;
  let before: LiveSample | undefined;
  return samples.map((sample) => {
    if (before && (isLate(before) || isLate(sample) || sample.stops > before.stops)) {
      moved += sample.edge - before.edge;
    }
    before = sample;
    return sample.edge - moved;
  });
}

function isLate({ latency, leastLatency }: LiveSample): boolean {
  return latency - leastLatency > lateDip;
}

/** Median of the last fifth less that of the first. */
export function driftOf(series: readonly number[]): number {
  const part = Math.max(1, Math.floor(series.length / 5));
  return median(series.slice(-part)) - median(series.slice(0, part));
}

/** What a series grew by, by the line of least squares through it. */
function growth(samples: readonly LiveSample[], name: keyof typeof growthBounds): number {
  const meanMinute = mean(samples.map(({ minute }) => minute));
  const meanValue = mean(samples.map((sample) => sample[name]));
  let products = 0;
  let squares = 0;
  for (const sample of samples) {
    products += (sample.minute - meanMinute) * (sample[name] - meanValue);
    squares += (sample.minute - meanMinute) ** 2;
  }
  const span = (samples.at(-1)?.minute ?? 0) - (samples[0]?.minute ?? 0);
  return squares === 0 ? 0 : (products / squares) * span;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function most(samples: readonly LiveSample[], name: 'bufferedRanges' | 'bufferedSeconds'): number {
  return Math.max(...samples.map((sample) => sample[name]));
}
