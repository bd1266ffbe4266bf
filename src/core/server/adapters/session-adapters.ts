import type { AdapterConfig } from '../../base/config/serve-schema/adapters.ts';
import { FastVideoError } from '../../base/errors.ts';
import type { AdapterSelection } from '../../generators/adapters/selection.ts';
import type { LoraChoice } from '../../protocol/lora.ts';
import { InvalidOpening } from '../session/invalid-opening.ts';
import { chooseAdapters } from './choose-adapters.ts';

/** The adapters that a first frame chooses; undefined where it chooses none. Throws {@link InvalidOpening}. */
export function sessionAdapters(
  { lora }: { readonly lora?: LoraChoice | null | undefined },
  declared: readonly AdapterConfig[],
): AdapterSelection | undefined {
  if (lora == null) return undefined;
  if (declared.length === 0) throw invalid('this server has no adapters to choose from.');
  try {
    return chooseAdapters(lora, declared).selection;
  } catch (error) {
    if (error instanceof FastVideoError) throw invalid(error.message);
    throw error;
  }
}

function invalid(problem: string): InvalidOpening {
  return new InvalidOpening('invalid_init', `session_init_v2: lora: ${problem}`);
}
