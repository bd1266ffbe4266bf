import { z } from 'zod';
import type { ContinuationState } from '../../protocol/continuation-state.ts';
import { FramePositionSchema } from '../frame-position.ts';
import { parseState } from '../parse-state.ts';
import { soundFormat } from '../sound-clock.ts';

export const mockStateKind = 'fastvideo.mock.v1';

const MockStateSchema = FramePositionSchema.extend({
  /** Where the tone stands in its wave, so that another pitch goes on without a click. */
  tonePhase: z
    .int()
    .min(0)
    .max(soundFormat.sampleRate - 1),
});

export type MockState = z.output<typeof MockStateSchema>;

/** Throws `preset_mismatch` for a state that is not this generator's, or damaged. */
export function parseMockState(state: ContinuationState): MockState {
  return parseState(state, mockStateKind, MockStateSchema);
}

export function mockState(state: MockState): ContinuationState {
  return { kind: mockStateKind, payload: { ...state } };
}
