import { z } from 'zod';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import { type FramePosition, FramePositionSchema } from '../frame-position.ts';
import { parseState } from '../parse-state.ts';
import type { LatentTrack } from './latent-track.ts';
import { latentLength } from './prompt-latent.ts';

export const cppnStateKind = 'fastvideo.cppn.v1';

/** Far more than a prompt's latent ever holds, and little enough for the network to stay finite. */
const LatentSchema = z.array(z.number().min(-100).max(100)).length(latentLength);

const CppnPayloadSchema = FramePositionSchema.extend({
  z: LatentSchema,
  fade: z.object({ from: LatentSchema, startFrame: z.int(), frames: z.int().min(1).max(100_000) }).nullable(),
});

export interface CppnState {
  readonly position: FramePosition;
  readonly track: LatentTrack;
}

/** Throws `preset_mismatch` for a state that is not this generator's, or damaged. */
export function parseCppnState(state: ContinuationState): CppnState {
  const { z: target, fade, ...position } = parseState(state, cppnStateKind, CppnPayloadSchema);
  return { position, track: { target, fade } };
}

export function cppnState({ position, track }: CppnState): ContinuationState {
  return { kind: cppnStateKind, payload: { ...position, z: track.target, fade: track.fade } };
}
