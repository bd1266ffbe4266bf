import { pause } from '../../base/async/aborted.ts';
import { FastVideoError } from '../../base/errors.ts';
import { quietTurn } from '../../base/quiet-turn.ts';
import { pictureInputs } from '../../protocol/worker/picture-inputs.ts';
import type { AdapterSelection } from '../adapters/selection.ts';
import { checkRequest } from '../check-request.ts';
import { FramePool } from '../frame-pool.ts';
import { advance, type FramePosition, goOnAt } from '../frame-position.ts';
import type {
  GenerationRequest,
  Generator,
  GeneratorEvent,
  GeneratorInfo,
  RunControl,
} from '../generator.ts';
import { soundFormat } from '../sound-clock.ts';
import { SteeredPrompt } from '../steering.ts';
import { textHash } from '../text-hash.ts';
import { createCaption } from './caption.ts';
import { mockState, mockStateKind, parseMockState } from './mock-state.ts';
import { movingGradient } from './moving-gradient.ts';
import { advancePhase, promptPitch, testTone } from './test-tone.ts';

export interface MockOptions {
  /** Milliseconds before the first frame of each segment, like a model at work; default 0. */
  readonly sleepMs?: number;
  /** Whether there is sound; default true. */
  readonly audio?: boolean;
}

/** A client may ask for any number of steps; each of them is a message. */
const maxSteps = 1000;

/**
 * A test pattern: a moving gradient with frame number, time, seed, adapters and prompt written on it, and a tone. It
 * does not depict the prompt. Keeps nothing but its adapters from one `generate` to the next, so several may run at once.
 */
export function createMockGenerator(options: MockOptions = {}): Generator {
  const { sleepMs = 0, audio = true } = options;
  const info: GeneratorInfo = {
    modelId: 'mock:gradient',
    stateKind: mockStateKind,
    streamsFrames: true,
    steering: true,
    pictures: pictureInputs,
    audio: audio ? soundFormat : null,
    adapters: true,
  };
  let adapters: AdapterSelection = [];
  let closed = false;
  let pool: FramePool | undefined;
  return {
    info,
    totalSteps,
    generate: (request, signal, control) => {
      if (closed) throw new FastVideoError('generator_failed', 'The generator is closed.');
      const frameBytes = request.width * request.height * 3;
      if (pool?.frameBytes !== frameBytes) pool = new FramePool(frameBytes);
      return generate(request, signal, pool, { ...control, sleepMs, audio, adapters });
    },
    adapt: async (selection) => {
      adapters = selection;
    },
    close: async () => {
      closed = true;
    },
  };
}

function totalSteps({ numInferenceSteps }: GenerationRequest): number {
  return Math.max(1, Math.min(maxSteps, Math.floor(numInferenceSteps)));
}

async function* generate(
  request: GenerationRequest,
  signal: AbortSignal,
  frames: FramePool,
  {
    sleepMs,
    audio,
    adapters,
    steering,
    pace,
  }: Required<MockOptions> & RunControl & { readonly adapters: AdapterSelection },
): AsyncGenerator<GeneratorEvent, void, undefined> {
  checkRequest(request);
  const { width, height, prompt, seed, fps, numFrames, continuationState } = request;
  const before = continuationState && parseMockState(continuationState);
  let position: FramePosition = goOnAt(before, fps);
  let phase = before?.tonePhase ?? 0;
  let pitch = promptPitch(prompt);
  const gradientAt = movingGradient(width, height, textHash(`${seed}`));
  const captionOf = (words: string) =>
    createCaption(width, height, `${namesOf(adapters)}${words}${picturesOf(request)}`);
  let caption = captionOf(prompt);
  const words = new SteeredPrompt(request.steering, steering);
  const steps = totalSteps(request);
  await pause(sleepMs, signal);
  for (let index = 0; index < numFrames; index++) {
    await quietTurn();
    await pace?.frameIsDue(index, signal);
    if (signal.aborted) break;
    for (const { isNew, ...change } of words.at(index)) {
      caption = captionOf(change.prompt);
      pitch = promptPitch(change.prompt);
      if (isNew) yield { type: 'steered', ...change };
    }
    const seconds = position.nextFrame / fps;
    const { data, release } = frames.take();
    gradientAt(seconds, data);
    caption.draw(
      data,
      `frame ${position.nextFrame}  ${seconds.toFixed(3)} s  ${index + 1}/${numFrames}  seed ${seed}`,
    );
    yield { type: 'frame', data, release };
    const next = advance(position);
    const count = next.nextSample - position.nextSample;
    if (audio && count > 0) {
      yield { type: 'audio', samples: testTone(position.nextSample, count, pitch, phase) };
    }
    phase = advancePhase(phase, pitch, count);
    position = next;
    for (
      let step = stepsAfter(index, numFrames, steps) + 1;
      step <= stepsAfter(index + 1, numFrames, steps);
      step++
    ) {
      yield { type: 'step', step, totalSteps: steps, stage: 'denoise' };
    }
  }
  yield { type: 'state', state: mockState({ ...position, tonePhase: phase }) };
}

/** What would be merged into a model, e.g. `[LoRA pixar 0.45] `. */
function namesOf(adapters: AdapterSelection): string {
  if (adapters.length === 0) return '';
  return `[LoRA ${adapters.map(({ name, strength }) => `${name} ${strength}`).join(', ')}] `;
}

/** The pictures cannot be drawn here: which ones there are is said. */
function picturesOf({ lastImagePath, referenceImagePaths = [] }: GenerationRequest): string {
  const count = referenceImagePaths.length;
  const told = [
    ...(lastImagePath === undefined ? [] : ['a last frame']),
    ...(count === 0 ? [] : [`${count} ${count === 1 ? 'reference' : 'references'}`]),
  ];
  return told.length === 0 ? '' : ` [with ${told.join(' and ')}]`;
}

/** Steps that are done after some frames: all of them after the last. */
function stepsAfter(frames: number, numFrames: number, steps: number): number {
  return Math.floor((frames * steps) / numFrames);
}
