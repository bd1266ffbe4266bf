import { z } from 'zod';
import { aspectRatios, resolutions } from '../../video-shapes.ts';

/** What a client may choose about its video. */
export const CreationSchema = z
  .strictObject({
    model_id: z.string().min(1).max(200).default('fast-ltx23').meta({
      description:
        'Name of the model for web apps; Dreamverse knows `fast-ltx2`, `fast-ltx23`, `fast-h3` and `h3-ref2va`.',
    }),
    aspect_ratios: z.array(z.enum(aspectRatios)).default([]).meta({
      description: 'Aspect ratios that a client may choose besides that of `default_request`.',
      defaultNote: 'none; all for `mock`',
    }),
    resolutions: z.array(z.enum(resolutions)).default([]).meta({
      description: 'Resolutions that a client may choose besides that of `default_request`.',
      defaultNote: 'none; `480p`, `720p` and `1080p` for `mock`',
    }),
    max_segment_seconds: z.int().min(1).max(600).optional().meta({
      description: 'Longest segment that a client may choose.',
      unit: 'seconds',
      defaultNote: 'no choice: the length of `default_request`; `20` for `mock`',
    }),
  })
  .meta({
    description:
      'What a client may choose about its video (on `/v1/stream` the aspect ratio and the resolution), as `GET /creation-capabilities` tells it. What is not allowed here, or the model cannot do, is refused with the reason.',
  });

/** Pictures that clients upload for a project. */
export const UploadsSchema = z
  .strictObject({
    max_files: z.int().min(0).max(100_000).default(100).meta({
      description: 'Uploaded pictures kept at once; 0: nothing can be uploaded.',
      unit: 'files',
    }),
    max_bytes: z
      .int()
      .min(1)
      .max(Number.MAX_SAFE_INTEGER)
      .default(512 * 1024 * 1024)
      .meta({
        description:
          'Bytes of all uploaded pictures together; of one at most `streaming.max_image_bytes`. They lie in the folder for temporary files.',
        unit: 'bytes',
      }),
    ttl_seconds: z.number().min(1).max(2_000_000).default(3600).meta({
      description: 'How long an uploaded picture is kept after its upload or last use.',
      unit: 'seconds',
    }),
  })
  .meta({ description: 'Pictures that clients upload with `POST /uploads`, for `/ws`.' });
