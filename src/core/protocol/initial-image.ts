import * as z from 'zod';

const name = z.string().max(4096).nullish().describe('File name, for logs only.');
const mimeType = z.string().max(200);

/** A picture as it goes on from here. */
export const EncodedImageSchema = z.object({
  mime: mimeType.describe('`image/png`, `image/jpeg` or `image/webp`; the content is checked too.'),
  name,
  data: z.string().describe('The file in base64, or a `data:` URL of it; at most 32 MiB decoded.'),
});
export type EncodedImage = z.infer<typeof EncodedImageSchema>;

/** As a browser has a file. */
const DataUrlImageSchema = z.object({
  data_url: z.string().describe('A `data:` URL of the file; at most 32 MiB decoded. Blank: no picture.'),
  mime_type: mimeType.nullish().describe('Default: the type in the URL.'),
  name,
});

/** What is told to whoever sends neither. */
export const imageForms = '{mime, name?, data} or {data_url, mime_type?, name?}';

/** Either form, as clients of both dialects send it. */
export const InitialImageSchema = z
  .union([EncodedImageSchema, DataUrlImageSchema], { error: `must be ${imageForms}` })
  .describe('A picture that the video starts from.');
export type InitialImage = z.infer<typeof InitialImageSchema>;

/** Undefined when there is none: the web app sends a blank URL then. */
export function encodedImage(image: InitialImage): EncodedImage | undefined {
  if ('data' in image) return image;
  const data = image.data_url.trim();
  const [, mime = ''] = /^data:([^;,]*)/.exec(data) ?? [];
  return data === '' ? undefined : { mime: image.mime_type?.trim() || mime, name: image.name, data };
}
