import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { GenerationRequest } from '../../generators/generator.ts';
import type { RunAdapters, WantedAdapters } from '../../generators/program/adapter-exchange.ts';
import type { WorkerProcess } from '../../generators/program/worker-process.ts';
import type { ServerAdapters } from '../server-adapters.ts';

/** The adapters that a worker is to have between two segments. */
export function serverAdapters(adapters: ServerAdapters): WantedAdapters {
  return { now: () => adapters.current, refused: (selection) => adapters.refused(selection) };
}

/** The adapters that it is to have for a segment. */
export function segmentAdapters(adapters: ServerAdapters, generation: GenerationRequest): RunAdapters {
  return {
    now: () => adapters.of(generation),
    refused: (selection) => adapters.refused(selection),
    withTriggers: (request, applied) => adapters.withTriggers(request, applied),
  };
}

/** What a worker has to have before it is ready. Throws `start_failed` where it can have no adapters, or not these. */
export async function adaptFirst(process: WorkerProcess, adapters: ServerAdapters): Promise<void> {
  const { modelId, adapters: takesAdapters = false } = process.hello.info;
  if (adapters.any && !takesAdapters) {
    throw new FastVideoError(
      'start_failed',
      `generator.adapters: ${modelId} takes no adapters, as its worker says ("adapters" in its "ready"); remove the key.`,
    );
  }
  try {
    // All workers have the same: what one cannot apply is not dropped for the others.
    await process.adapt({ ...serverAdapters(adapters), refused: () => {} });
  } catch (error) {
    throw new FastVideoError('start_failed', errorMessage(error), { cause: error });
  }
}
