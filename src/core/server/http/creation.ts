import type { FastifyInstance } from 'fastify';
import { type CreationParts, modelPictures } from '../project/creation/read-creation.ts';
import { offerOf } from '../session/creation/offer.ts';
import { uploadMimes } from './uploads.ts';

interface CreationRouteParts extends CreationParts {
  readonly uploads: { readonly largest: number; readonly mostPixels: number };
}

/** The app reads these from every server; ours takes pictures only, and of these nothing fits. */
const nothing = { extensions: [], max_bytes: 1 };
const notTaken = {
  video: { mime_types: ['video/mp4'], ...nothing },
  audio: { mime_types: ['audio/wav'], ...nothing },
};

/** `GET /creation-capabilities`: what a web app may offer for a project of `/ws`. */
export function registerCreation(app: FastifyInstance, parts: CreationRouteParts): void {
  app.get(
    '/creation-capabilities',
    { schema: { summary: 'What a project of /ws may ask for.' } },
    async () => {
      const offer = offerOf(parts.settings, modelPictures(parts));
      const { largest, mostPixels } = parts.uploads;
      const mime_types = Object.keys(uploadMimes);
      const choices = {
        generation_modes: offer.modes,
        aspect_ratios: offer.aspectRatios,
        resolutions: offer.resolutions,
        duration_sec: offer.durations,
        min_segment_duration_sec: offer.segmentSeconds.min,
        max_segment_duration_sec: offer.segmentSeconds.max,
        unsupported_generation_modes: offer.missingModes,
        reference_assets: { mime_types, max_bytes: largest },
        reference_inputs: {
          media_types: ['image'],
          max_count: offer.references.most,
          conditioning: offer.references.conditioning,
        },
      };
      const image = {
        mime_types,
        extensions: Object.values(uploadMimes).flat(),
        max_bytes: largest,
        max_pixels: mostPixels,
      };
      return {
        model_ids: [offer.modelId],
        models: { [offer.modelId]: choices },
        segment_counts: offer.segmentCounts,
        asset_upload: { image, ...notTaken },
        ...choices,
      };
    },
  );
}
