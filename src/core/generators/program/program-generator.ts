import { FastVideoError } from '../../base/errors.ts';
import type { AdapterSelection } from '../adapters/selection.ts';
import type {
  GenerationRequest,
  Generator,
  GeneratorEvent,
  GeneratorInfo,
  RunControl,
} from '../generator.ts';
import { fromSteeringMessage } from './request-message.ts';
import type { RunPartWithPayload } from './run-channel.ts';
import { unpackState } from './state-blobs.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Any program that speaks the worker protocol and gives raw frames, e.g. FastVideo in a Python process. */
export class ProgramGenerator implements Generator {
  readonly tellsAudioFormat = true;
  readonly tellsSteps = true;
  readonly #program: WorkerProcess;
  #closed = false;

  constructor(program: WorkerProcess) {
    this.#program = program;
  }

  get info(): GeneratorInfo {
    return this.#program.hello.info;
  }

  /** A program tells its steps when a run has begun; the denoising steps asked for are the usual number. */
  totalSteps(request: GenerationRequest): number {
    return request.numInferenceSteps;
  }

  async *generate(
    request: GenerationRequest,
    signal: AbortSignal,
    { onBegin, steering, pace }: RunControl = {},
  ): AsyncGenerator<GeneratorEvent, void, undefined> {
    if (this.#closed) throw new FastVideoError('generator_failed', 'The generator is closed.');
    if (signal.aborted) {
      // Nothing to make: the state for no frames is the one that came.
      const { continuationState: state } = request;
      if (state) yield { type: 'state', state };
      return;
    }
    const left = new AbortController();
    const signals = { cancel: signal, abandon: left.signal, ...(steering ? { steering } : {}) };
    const run = await this.#program.run({ generation: request }, signals);
    onBegin?.(run.totalSteps);
    try {
      let frames = 0;
      for await (const part of run.parts) {
        const event = generatorEvent(part, request);
        if (event?.type === 'frame') await pace?.frameIsDue(frames++, signal);
        if (event) yield event;
      }
    } finally {
      left.abort(new Error('The segment is over.'));
    }
  }

  async adapt(selection: AdapterSelection): Promise<void> {
    await this.#program.adapt({ now: () => selection, refused: () => {} });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#program.stop();
  }
}

function generatorEvent(
  { message, payload }: RunPartWithPayload,
  { width, height }: GenerationRequest,
): GeneratorEvent | undefined {
  switch (message.type) {
    case 'step':
      return { type: 'step', step: message.step, totalSteps: message.total_steps, stage: message.stage };
    case 'steered':
      return { type: 'steered', ...fromSteeringMessage(message) };
    case 'audio_format': {
      const { audio } = message;
      return {
        type: 'audio_format',
        audio: audio && { sampleRate: audio.sample_rate, channels: audio.channels },
      };
    }
    case 'frame': {
      const expected = width * height * 3;
      if (payload.length === expected) return { type: 'frame', data: payload };
      throw new FastVideoError(
        'generator_failed',
        `The worker sent a frame of ${payload.length} bytes; ${width}x${height} in RGB24 is ${expected}.`,
      );
    }
    case 'audio':
      if (payload.length % 4 === 0) return { type: 'audio', samples: floats(payload) };
      throw new FastVideoError(
        'generator_failed',
        `The worker sent sound of ${payload.length} bytes, which is not a whole number of float32 samples.`,
      );
    case 'state':
      return { type: 'state', state: unpackState(message.state, payload) };
    case 'done':
      return undefined;
    case 'init':
    case 'media':
    case 'jpeg':
      throw new FastVideoError(
        'generator_failed',
        `The worker sent "${message.type}" although it had announced raw frames.`,
      );
  }
}

/** Copied: a Float32Array wants an offset that is a multiple of 4. */
function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer);
}
