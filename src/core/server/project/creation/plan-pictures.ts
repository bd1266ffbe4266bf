import type { ConditioningAsset, GenerationMode } from '../../../protocol/project/creation.ts';
import type { PictureInput } from '../../../protocol/worker/picture-inputs.ts';
import { refusal } from '../../session/creation/choose.ts';
import { mostReferences } from '../../session/creation/offer.ts';
import type { PicturePlan, PictureSource } from '../../session/picture.ts';

/** What a client says about pictures. */
export interface PictureFields {
  readonly initial_image?: unknown;
  readonly last_frame_image?: unknown;
  readonly conditioning_assets?: readonly ConditioningAsset[] | null | undefined;
  readonly reference_asset_ids?: readonly string[] | null | undefined;
}

/**
 * What each picture is for. Without a mode the video starts from `initial_image`, whether or not the model uses it, as ever.
 * Throws `InvalidOpening` for pictures that do not go with the mode, or that the model does not use.
 *
 * @param taken - the pictures that the model uses, null while no model is loaded
 */
export function planPictures(
  fields: PictureFields,
  mode: GenerationMode | undefined,
  taken: readonly PictureInput[] | null,
): PicturePlan {
  const given = sourcesOf(fields);
  const { first, last, references } = given;
  if (mode === undefined) {
    if (last.length + references.length > 0 || first.some((source) => 'assetId' in source)) {
      throw refusal(
        'Choose what the video is made from before adding pictures.',
        'generation_mode: must be given with uploaded pictures and with last_frame_image.',
      );
    }
    return plan(first[0], undefined, []);
  }
  const uses = (input: PictureInput) => taken === null || taken.includes(input);
  switch (mode) {
    case 't2va': {
      // A picture that a page has kept from another choice is used where it can be.
      const [picture] = first;
      if (last.length + references.length > 0 || (picture && !uses('first_frame')) || first.length > 1) {
        throw refusal(
          'A video from text takes no pictures. Remove them, or choose another way to make it.',
          'generation_mode: t2va takes no pictures.',
        );
      }
      return plan(picture, undefined, []);
    }
    case 'i2v': {
      const pictures = [...first, ...references];
      if (pictures.length !== 1 || last.length > 0) {
        throw refusal(
          'A video from an image needs one picture.',
          `generation_mode: i2v takes one picture, not ${pictures.length + last.length}.`,
        );
      }
      return plan(pictures[0], undefined, []);
    }
    case 'fl2va': {
      if (first.length !== 1 || last.length > 1 || references.length > 0) {
        throw refusal(
          'Choose one picture for the first frame, and at most one for the last.',
          `generation_mode: fl2va takes one first_frame and at most one last_frame, not ${first.length} and ${last.length}${references.length > 0 ? `, and no reference` : ''}.`,
        );
      }
      return plan(first[0], last[0], []);
    }
    case 'ref2va':
      return referencePlan(given, uses('references') && taken !== null);
    default:
      return mode satisfies never;
  }
}

/** A model that takes no references starts from one. */
function referencePlan({ first, last, references }: Sources, takesReferences: boolean): PicturePlan {
  const pictures = [...first, ...references];
  const most = takesReferences ? mostReferences : 1;
  if (pictures.length >= 1 && pictures.length <= most && last.length === 0) {
    return takesReferences ? plan(undefined, undefined, pictures) : plan(pictures[0], undefined, []);
  }
  throw refusal(
    most === 1 ? 'Add one reference picture.' : `Add 1 to ${most} reference pictures.`,
    `generation_mode: ref2va takes ${most === 1 ? 'one reference' : `1 to ${most} references`}, not ${pictures.length + last.length}.`,
  );
}

interface Sources {
  readonly first: readonly PictureSource[];
  readonly last: readonly PictureSource[];
  readonly references: readonly PictureSource[];
}

function sourcesOf(fields: PictureFields): Sources {
  const assets = fields.conditioning_assets ?? [];
  const withRole = (role: ConditioningAsset['role']) =>
    assets.filter((asset) => asset.role === role).map(({ asset_id }) => ({ assetId: asset_id }));
  const inline = (field: 'initial_image' | 'last_frame_image') =>
    isPicture(fields[field]) ? [{ field, image: fields[field] }] : [];
  return {
    first: [...inline('initial_image'), ...withRole('first_frame')],
    last: [...inline('last_frame_image'), ...withRole('last_frame')],
    references: [
      ...withRole('reference'),
      ...(fields.reference_asset_ids ?? []).map((assetId) => ({ assetId })),
    ],
  };
}

/** The web app sends a blank URL where there is none. */
function isPicture(image: unknown): boolean {
  if (image === undefined || image === null) return false;
  if (typeof image !== 'object' || !('data_url' in image)) return true;
  return typeof image.data_url !== 'string' || image.data_url.trim() !== '';
}

function plan(
  first: PictureSource | undefined,
  last: PictureSource | undefined,
  references: readonly PictureSource[],
): PicturePlan {
  return { ...(first ? { first } : {}), ...(last ? { last } : {}), references };
}
