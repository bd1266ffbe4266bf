import type { z } from 'zod';
import type { AlreadySent } from '../../protocol/checkpoint.ts';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import { loadState } from '../../sessions/state-blobs.ts';
import { InvalidOpening } from './invalid-opening.ts';
import type { StreamParts, StreamSettings } from './stream-settings.ts';

/** Pictures and sound may come in chunks of their own. */
const mostChunksPerFrame = 4;

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

/**
 * What was sent of the segment that is to be made; of another one it says nothing. Throws `InvalidOpening` for more than
 * a segment of this server has: what is left out is gone over frame by frame, and so is the sound beside it.
 */
export function sentOfCurrent(
  sent: AlreadySent | null | undefined,
  current: number | undefined,
  { defaultRequest: { numFrames } }: StreamSettings,
): AlreadySent | undefined {
  if (!sent || sent.segment_idx !== current) return undefined;
  const { frames, chunks } = sent;
  const problem =
    frames > numFrames
      ? `frames is ${frames}, a segment has ${numFrames}`
      : chunks > mostChunksPerFrame * numFrames
        ? `chunks is ${chunks}, a segment has ${numFrames} frames`
        : undefined;
  if (problem === undefined) return sent;
  throw new InvalidOpening('invalid_init', `session_init_v2: already_sent: ${problem}.`);
}

/** What a client brings may be nested too deeply, or refer to what is gone. */
export async function loadGivenState(
  given: ContinuationState,
  { resumable, settings, metrics }: Pick<StreamParts, 'resumable' | 'settings' | 'metrics'>,
): Promise<ContinuationState> {
  try {
    return await loadState(given, resumable.blobs, {
      maxBytes: settings.maxStateBytes,
      onLimit: () => metrics.limitReached('state_bytes'),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidOpening('invalid_init', `session_init_v2: continuation_state: ${error.message}`);
  }
}
