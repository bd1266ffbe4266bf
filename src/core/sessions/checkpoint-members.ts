import { z } from 'zod';
import type { AudioCarry } from '../media/timeline.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';
import { samplesOf } from './session-record.ts';
import { inlineState } from './state-blobs.ts';

/**
 * What a session is, as JSON: a member that did not change is the same value or object as before. Null stands for none,
 * so that every member is always there.
 */
export type CheckpointMembers = Readonly<Record<string, unknown>>;

/** The same object for the same source, so that who compares them sees no change; written out when it is sent. */
export function written<Source extends object>(write: (source: Source) => unknown) {
  const known = new WeakMap<Source, { toJSON(): unknown }>();
  return (source: Source): { toJSON(): unknown } => {
    const before = known.get(source);
    if (before) return before;
    const member = { toJSON: () => write(source) };
    known.set(source, member);
    return member;
  };
}

export const continuationMember = written<ContinuationState>(inlineState);

export const audioMember = written<AudioCarry>(({ nextSample, tailStart, tail }) => ({
  next_sample: nextSample,
  tail_start: tailStart,
  tail: { $base64: Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength).toString('base64') },
}));

const sample = z
  .int()
  .min(0)
  .max(2 ** 48);

/** The sound that the next segment goes on from. */
export const AudioMemberSchema = z
  .object({ next_sample: sample, tail_start: sample, tail: z.object({ $base64: z.base64() }) })
  .transform(({ next_sample, tail_start, tail }, context): AudioCarry => {
    const bytes = Buffer.from(tail.$base64, 'base64');
    if (bytes.length % Float32Array.BYTES_PER_ELEMENT !== 0) {
      context.addIssue('the tail is not a list of samples');
      return z.NEVER;
    }
    const samples = samplesOf(bytes);
    if (!samples.every(Number.isFinite)) {
      context.addIssue('the tail contains a sample that is not a finite number');
      return z.NEVER;
    }
    return { nextSample: next_sample, tailStart: tail_start, tail: samples };
  });
