import { errorMessage, FastVideoError } from '../../base/errors.ts';
import { quietTurn } from '../../base/quiet-turn.ts';
import { checkRequest } from '../check-request.ts';
import { advance, goOnAt } from '../frame-position.ts';
import type {
  GenerationRequest,
  Generator,
  GeneratorEvent,
  GeneratorInfo,
  RunControl,
} from '../generator.ts';
import { soundFormat } from '../sound-clock.ts';
import { SteeredPrompt } from '../steering.ts';
import { partialGains, toneSamples } from './ambient-tone.ts';
import { type CppnState, cppnState, cppnStateKind, parseCppnState } from './cppn-state.ts';
import { latentAt, retarget, settled, steered } from './latent-track.ts';
import { loadNetwork, type Network, type NetworkOptions } from './network.ts';
import { promptLatent } from './prompt-latent.ts';

const info: GeneratorInfo = {
  modelId: 'builtin:cppn',
  stateKind: cppnStateKind,
  pictures: [],
  streamsFrames: true,
  steering: true,
  audio: soundFormat,
};

/**
 * The embedded network: abstract moving shapes in the prompt's colours, with a quiet chord. It does not depict the
 * prompt. `numInferenceSteps`, `guidanceScale`, `negativePrompt` and pictures change nothing; a step is a frame. Throws `start_failed` when the network cannot be loaded.
 */
export async function createOnnxGenerator(options: NetworkOptions = {}): Promise<Generator> {
  const network = await loadNetwork(options);
  let closed = false;
  return {
    info,
    totalSteps: ({ numFrames }) => numFrames,
    generate: (request, signal, control) => {
      if (closed) throw new FastVideoError('generator_failed', 'The generator is closed.');
      return generate(network, request, signal, control);
    },
    close: () => {
      closed = true;
      return network.close();
    },
  };
}

async function* generate(
  network: Network,
  request: GenerationRequest,
  signal: AbortSignal,
  { steering, pace }: RunControl = {},
): AsyncGenerator<GeneratorEvent, void, undefined> {
  checkRequest(request);
  const { width, height, fps, numFrames } = request;
  const start = startOf(request);
  const words = new SteeredPrompt(request.steering, steering);
  let { track, position } = start;
  let latent = latentAt(track, position.nextFrame);
  let gains = partialGains(latent, position.nextSample);
  for (let step = 1; step <= numFrames; step++) {
    // Inference blocks the event loop: here a cancel message gets its chance to be read.
    await quietTurn();
    await pace?.frameIsDue(step - 1, signal);
    if (signal.aborted) break;
    for (const { isNew, ...change } of words.at(step - 1)) {
      const target = promptLatent(change.prompt, request.seed);
      track = steered(track, target, position.nextFrame, { fps, transitionMs: change.transitionMs });
      latent = latentAt(track, position.nextFrame);
      if (isNew) yield { type: 'steered', ...change };
    }
    const data = await renderFrame(network, latent, position.nextFrame / fps, width, height);
    yield { type: 'frame', data };
    const next = advance(position);
    const nextLatent = latentAt(track, next.nextFrame);
    const nextGains = partialGains(nextLatent, next.nextSample);
    const count = next.nextSample - position.nextSample;
    if (count > 0) {
      yield { type: 'audio', samples: toneSamples(position.nextSample, count, gains, nextGains) };
    }
    yield { type: 'step', step, totalSteps: numFrames, stage: 'denoise' };
    position = next;
    latent = nextLatent;
    gains = nextGains;
  }
  yield { type: 'state', state: cppnState({ position, track: settled(track, position.nextFrame) }) };
}

/** Where the segment begins: at the session's start, or where the state says, on the way to this prompt's latent. */
function startOf({ prompt, seed, fps, continuationState }: GenerationRequest): CppnState {
  const target = promptLatent(prompt, seed);
  if (continuationState === undefined) {
    return { position: goOnAt(undefined, fps), track: { target, fade: null } };
  }
  const before = parseCppnState(continuationState);
  const position = goOnAt(before.position, fps);
  // Frames of another rate do not count a fade's frames: what is left of it begins anew.
  const track =
    before.position.fps === fps
      ? before.track
      : { target: latentAt(before.track, before.position.nextFrame), fade: null };
  return { position, track: retarget(track, target, position.nextFrame, fps) };
}

async function renderFrame(
  network: Network,
  latent: readonly number[],
  seconds: number,
  width: number,
  height: number,
): Promise<Uint8Array> {
  let data: Uint8Array;
  try {
    data = await network.render(latent, seconds, width, height);
  } catch (error) {
    const message = `The embedded network failed at ${width}x${height}: ${errorMessage(error)}`;
    throw new FastVideoError('generator_failed', message, { cause: error });
  }
  if (data.length === width * height * 3) return data;
  throw new FastVideoError(
    'generator_failed',
    `The embedded network gave a frame of ${data.length} bytes, not ${width * height * 3}.`,
  );
}
