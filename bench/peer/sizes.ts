export interface SegmentSize {
  readonly width: number;
  readonly height: number;
  /** At 24 frames a second. */
  readonly frames: number;
}

export const framesPerSecond = 24;

export interface SizeCase extends SegmentSize {
  /** Rounds of each program, and segments in a round. */
  readonly rounds: number;
  readonly each: number;
  /** First media of ours may come after at most this part of the peer's time. */
  readonly firstMediaBound: number;
}

export const sizeCases: readonly SizeCase[] = [
  { width: 256, height: 256, frames: 24, rounds: 9, each: 6, firstMediaBound: 1 / 5 },
  { width: 640, height: 352, frames: 120, rounds: 7, each: 2, firstMediaBound: 1 / 5 },
  { width: 1920, height: 1088, frames: 121, rounds: 5, each: 1, firstMediaBound: 1 / 20 },
];

/** At 256x256, 24 frames. The peer's server is known not to answer any more at as many as its threads: cores and 4. */
export const sessionCases = [
  { sessions: 1, rounds: 5, each: 12, withPeer: true },
  { sessions: 4, rounds: 5, each: 4, withPeer: true },
  { sessions: 6, rounds: 3, each: 4, withPeer: true },
  { sessions: 8, rounds: 5, each: 4, withPeer: true },
  { sessions: 64, rounds: 3, each: 2, withPeer: false },
] as const;

export function sizeName({ width, height, frames }: SegmentSize): string {
  return `${width}x${height}x${frames}`;
}
