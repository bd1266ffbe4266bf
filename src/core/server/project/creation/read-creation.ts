import type { Pool } from '../../../pool/pool.ts';
import { type Choices, ChoicesSchema } from '../../../protocol/project/creation.ts';
import type { Creation, ProjectState } from '../../../sessions/project/project-state.ts';
import { chooseCreation } from '../../session/creation/choose.ts';
import type { ModelPictures } from '../../session/creation/offer.ts';
import { InvalidOpening } from '../../session/invalid-opening.ts';
import type { PicturePlan } from '../../session/picture.ts';
import type { StreamSettings } from '../../session/stream-settings.ts';
import { type PictureFields, planPictures } from './plan-pictures.ts';

export interface CreationParts {
  readonly settings: StreamSettings;
  readonly pool: Pick<Pool, 'status'>;
}

/** What the model does with pictures, null while no model is loaded. */
export function modelPictures({ pool }: Pick<CreationParts, 'pool'>): ModelPictures | null {
  return pool.status().workers.find(({ capabilities }) => capabilities !== null)?.capabilities ?? null;
}

/** What a project is made with and from. Throws `InvalidOpening` for what this server does not offer. */
export function readCreation(
  init: Choices & PictureFields,
  parts: CreationParts,
): { readonly creation?: Creation; readonly pictures: PicturePlan } {
  const model = modelPictures(parts);
  const creation = chooseCreation(ChoicesSchema.parse(init), parts.settings, model);
  const mode = creation?.choices.generation_mode == null ? undefined : creation.config.generation_mode;
  return { ...(creation ? { creation } : {}), pictures: planPictures(init, mode, model?.pictures ?? null) };
}

/** Segments of a rollout. */
export function rolloutCapOf(
  { creation }: ProjectState,
  { rolloutCap }: Pick<StreamSettings, 'rolloutCap'>,
): number {
  return creation ? creation.config.generation_segment_cap || Number.POSITIVE_INFINITY : rolloutCap;
}

/** Why the project cannot be made with the model of this worker. The session may have opened before one was loaded. */
export function unfitModel(
  { creation }: ProjectState,
  { settings }: Pick<CreationParts, 'settings'>,
  model: ModelPictures,
): InvalidOpening | undefined {
  if (!creation) return undefined;
  try {
    chooseCreation(creation.choices, settings, model);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidOpening) return error;
    throw error;
  }
}
