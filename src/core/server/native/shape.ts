import type { VideoShape } from '../../base/video-shapes.ts';
import { chooseCreation } from '../session/creation/choose.ts';
import { type OfferSettings, sizeOf } from '../session/creation/offer.ts';

/**
 * The shape of the video that a client chose, of those that the server offers; undefined where it chose none. Throws
 * `InvalidOpening` for one that is not offered.
 */
export function chooseShape(
  aspectRatio: string | null | undefined,
  resolution: string | null | undefined,
  settings: OfferSettings,
): VideoShape | undefined {
  const chosen = chooseCreation({ aspect_ratio: aspectRatio, resolution }, settings, null);
  return chosen && { aspectRatio: chosen.config.aspect_ratio, resolution: chosen.config.resolution };
}

/** Pixels of the video of a session with this shape. */
export function videoSize(
  shape: VideoShape | undefined,
  settings: OfferSettings,
): { readonly width: number; readonly height: number } {
  const { width, height } = settings.defaultRequest;
  return shape ? sizeOf(shape.aspectRatio, shape.resolution, settings) : { width, height };
}
