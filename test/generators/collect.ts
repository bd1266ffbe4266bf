import type { GenerationRequest, Generator, GeneratorEvent } from '../../src/core/generators/generator.ts';
import type { ContinuationState } from '../../src/core/protocol/continuation-state.ts';

export const request: GenerationRequest = {
  prompt: 'a red fox in blue snow',
  seed: 1024,
  width: 64,
  height: 48,
  fps: 24,
  numFrames: 6,
  numInferenceSteps: 8,
  guidanceScale: 1,
};

/** A segment as its reader sees it. */
export interface Collected {
  readonly order: GeneratorEvent['type'][];
  readonly frames: Buffer[];
  /** Interleaved. */
  readonly sound: Buffer;
  readonly steps: { readonly step: number; readonly totalSteps: number; readonly stage: string }[];
  readonly state: ContinuationState;
}

/** Reads a segment to its end; `onEvent` may abort it. */
export async function collect(
  generator: Generator,
  overrides: Partial<GenerationRequest> = {},
  signal: AbortSignal = new AbortController().signal,
  onEvent: (event: GeneratorEvent) => void = () => {},
): Promise<Collected> {
  const collected: Omit<Collected, 'state' | 'sound'> = { order: [], frames: [], steps: [] };
  const sound: Buffer[] = [];
  let state: ContinuationState | undefined;
  for await (const event of generator.generate({ ...request, ...overrides }, signal)) {
    collected.order.push(event.type);
    if (event.type === 'frame') collected.frames.push(Buffer.from(event.data));
    else if (event.type === 'audio') sound.push(Buffer.from(new Uint8Array(event.samples.buffer)));
    else if (event.type === 'step') collected.steps.push(event);
    else if (event.type === 'state') state = event.state;
    onEvent(event);
  }
  if (state === undefined) throw new Error('The generator gave no state.');
  // As a client keeps it and sends it back.
  return { ...collected, sound: Buffer.concat(sound), state: JSON.parse(JSON.stringify(state)) };
}

/** The samples of one channel of collected sound. */
export function channel({ sound }: Collected, index: 0 | 1): number[] {
  const samples: number[] = [];
  for (let at = index * 4; at < sound.length; at += 8) samples.push(sound.readFloatLE(at));
  return samples;
}
