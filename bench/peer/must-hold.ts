import type { Table } from '../support/table.ts';
import { isDeadlock, type PeerResults, type SessionsResult } from './results.ts';
import { sizeName } from './sizes.ts';

interface Claim {
  readonly what: string;
  readonly value: number;
  readonly bound: number;
  /** Whether the value may be the bound at most, or must be it at least. */
  readonly is: 'at most' | 'at least';
}

/** Two rates of one run are the same within this. */
const sameRate = 0.95;

/** Every ratio that must hold, with its bound beside it. */
export function mustHoldTable(results: PeerResults): Table {
  return {
    title: 'What must hold: ratios of medians of this run',
    header: ['ratio', 'measured', 'bound', 'holds'],
    rows: claims(results).map(({ what, value, bound, is }) => [
      what,
      value.toFixed(3),
      `${is} ${bound}`,
      (is === 'at most' ? value <= bound : value >= bound) ? 'yes' : 'NO',
    ]),
  };
}

function claims({ sizes, sessions, encode }: PeerResults): Claim[] {
  const largest = sizes.at(-1);
  return [
    ...sizes.map((one) =>
      atMost(
        `first media ${sizeName(one)}, of the peer's`,
        one.ours.firstMs / one.peer.firstMs,
        one.firstMediaBound,
      ),
    ),
    ...(largest
      ? [
          atMost(
            `whole segment ${sizeName(largest)} with sound, of bare ffmpeg's without`,
            largest.ours.completeMs / largest.ffmpeg.wallMs,
            0.7,
          ),
        ]
      : []),
    ...[1, 4].flatMap((count) => rateClaim(sessions, count)),
    ...manySessions(sessions),
    ...sizes.map((one) =>
      atMost(`CPU for a segment ${sizeName(one)}, of the bare loop's`, one.ours.cpuMs / one.loop.cpuMs, 1.3),
    ),
    atMost(
      "`encode`, 484 frames of 1280x720, of bare ffmpeg's",
      encode.ours.wallMs / encode.ffmpeg.wallMs,
      1.05,
    ),
  ];
}

function rateClaim(all: readonly SessionsResult[], count: number): Claim[] {
  const found = all.find(({ sessions }) => sessions === count);
  // A deadlocked peer makes none at all.
  if (!found?.peer) return [];
  const rate = isDeadlock(found.peer) ? 0 : found.peer.perSecond;
  return [atLeast(`segments/s, ${count} at once, of the peer's`, found.ours.perSecond / rate, 4)];
}

function manySessions(all: readonly SessionsResult[]): Claim[] {
  const [eight, many] = [8, 64].map((count) => all.find(({ sessions }) => sessions === count));
  if (!eight || !many) return [];
  return [
    atLeast('segments of 64 sessions that are complete, of those asked for', many.completed / many.asked, 1),
    atLeast('segments/s of 64 sessions, of those of 8', many.ours.perSecond / eight.ours.perSecond, sameRate),
  ];
}

function atMost(what: string, value: number, bound: number): Claim {
  return { what, value, bound, is: 'at most' };
}

function atLeast(what: string, value: number, bound: number): Claim {
  return { what, value, bound, is: 'at least' };
}
