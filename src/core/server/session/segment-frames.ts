import type { SteeringStep } from '../../generators/steering.ts';
import type { SegmentEvent } from '../../pool/pool.ts';

export type StepEvent = Extract<SegmentEvent, { type: 'step' }>;

/** What of a segment has left. */
export interface DeliveredMedia {
  readonly chunks: number;
  readonly bytes: number;
  /** Of video. */
  readonly frames: number;
}

/** Milliseconds since the segment was begun, since its run began, since it was asked for, and from there to its first media. */
export interface SegmentTimes {
  readonly totalMs: number;
  readonly runMs: number;
  readonly sinceRequestMs: number;
  readonly firstMediaMs: number | undefined;
}

/** How a dialect tells of one segment. */
export interface SegmentFrames {
  started(totalSteps: number): readonly object[];
  mediaInit(mime: string): object;
  /** Unset: the client is not told of steps. */
  step?(event: StepEvent): object;
  /** Whether steps are told after the init segment only: where frames come while later ones are made. */
  readonly holdsSteps?: boolean;
  steered(step: SteeringStep): object;
  /** Unset: JPEG files are never asked for. */
  jpegs?(files: readonly Uint8Array[], startFrame: number): object;
  mediaComplete(media: DeliveredMedia): object;
  completed(times: SegmentTimes, media: DeliveredMedia): readonly object[];
  /** Unset: segments are never cancelled. */
  cancelled?(): object;
}
