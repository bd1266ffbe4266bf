import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { RequestLimits } from '../../protocol/worker/capabilities.ts';

/** What of the `generator` block tells what the model takes. */
interface GeneratorBlock {
  readonly model_path: string;
  readonly pipeline?: unknown;
}

/** `InputValidationStage` of FastVideo. */
const everyModel: RequestLimits = { size_multiple: 8, min_seed: 0 };
const ltx2SizeMultiple = 32;

/**
 * What a model of FastVideo takes, as far as its path, the config and its folder tell it before it is loaded. The worker
 * knows it exactly, and says it once it is ready.
 */
export async function knownLimits(generator: GeneratorBlock): Promise<RequestLimits> {
  const index = await modelIndex(generator.model_path);
  const isLtx2 = member(index, '_class_name') === 'LTX2Pipeline' || /ltx-?2/i.test(generator.model_path);
  if (!isLtx2) return everyModel;
  const overrides = member(member(generator.pipeline, 'preset_overrides'), 'refine');
  const refines = member(overrides, 'enabled') ?? member(index, 'fastvideo_refine_enabled');
  // A refiner makes its first stage at half the size.
  return { ...everyModel, size_multiple: refines === true ? 2 * ltx2SizeMultiple : ltx2SizeMultiple };
}

async function modelIndex(modelPath: string): Promise<unknown> {
  if (!isAbsolute(modelPath) && !modelPath.startsWith('.')) return undefined;
  try {
    return JSON.parse(await readFile(join(modelPath, 'model_index.json'), 'utf8'));
  } catch {
    // No folder, or none of a model: the worker says so in its own words.
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}
