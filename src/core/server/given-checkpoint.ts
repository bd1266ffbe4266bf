import type { z } from 'zod';
import type { AlreadySent } from '../protocol/checkpoint.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';
import { loadState } from '../sessions/state-blobs.ts';
import { InvalidOpening } from './native/admission.ts';
import type { StreamParts } from './native/stream-settings.ts';

/** Reads the checkpoint of a first frame. Throws `InvalidOpening` for what is none. */
export function readCheckpoint<Checkpoint>(
  schema: z.ZodType<Checkpoint>,
  members: Readonly<Record<string, unknown>>,
): Checkpoint {
  const parsed = schema.safeParse(members);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join('.') || 'it';
  throw invalidCheckpoint(`${where}: ${issue?.message ?? 'not valid'}`);
}

export function invalidCheckpoint(problem: string): InvalidOpening {
  return new InvalidOpening('invalid_init', `session_init_v2: checkpoint: ${problem}.`);
}

/** What was sent of the segment that is to be made; of another one it says nothing. */
export function sentOfCurrent(
  sent: AlreadySent | null | undefined,
  current: number | undefined,
): AlreadySent | undefined {
  return sent && sent.segment_idx === current ? sent : undefined;
}

/** What a client brings may be nested too deeply, or refer to what is gone. */
export async function loadGivenState(
  given: ContinuationState,
  { resumable }: Pick<StreamParts, 'resumable'>,
): Promise<ContinuationState> {
  try {
    return await loadState(given, resumable.blobs);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidOpening('invalid_init', `session_init_v2: continuation_state: ${error.message}`);
  }
}
