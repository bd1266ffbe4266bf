import { readFile } from 'node:fs/promises';
import type { Capabilities } from '../../protocol/worker/capabilities.ts';
import { checkPicture, type ImageLimit, UnfitPicture } from '../../sessions/initial-image.ts';
import type { Uploads } from '../uploads/uploads.ts';
import type { FetchPicture } from './fetch-picture.ts';
import { mappingOrUndefined } from './mapping.ts';
import { invalid, RequestRefusal } from './openai-errors.ts';
import type { RequestFields, SentFile } from './request-fields.ts';

export interface ReferenceOptions {
  readonly maxBytes: number;
  readonly maxPixels: number;
  readonly onLimit: (limit: ImageLimit) => void;
  readonly uploads: Pick<Uploads, 'get'>;
  /** Fetches a picture by its URL; throws `RequestRefusal` where that may not be. */
  readonly fetchPicture: FetchPicture;
}

export interface Reference {
  readonly bytes: Uint8Array;
  readonly extension: string;
}

const field = 'input_reference';

/**
 * The picture that a video begins with: a file of the form, an object or a text with a data URL, the URL of one of the
 * operator's hosts, or the id of an upload. Throws `RequestRefusal` for what is no picture, or where the model takes none.
 */
export async function referenceOf(
  { fields, files }: RequestFields,
  options: ReferenceOptions,
  model: Capabilities | null,
  signal: AbortSignal,
): Promise<Reference | undefined> {
  const given = files[field] ?? files.image ?? fields[field] ?? fields.reference_url;
  if (given === undefined || given === null || given === '') {
    if (model?.needs_first_frame) {
      throw invalid(
        field,
        'input_reference is missing: the model of this server makes videos from a picture.',
      );
    }
    return undefined;
  }
  if (model && !model.pictures.includes('first_frame')) {
    throw invalid(field, 'input_reference: the model of this server makes videos from text only.');
  }
  const file = isFile(given) ? given : await pictureFrom(given, options, signal);
  return checked(file, options);
}

function isFile(given: unknown): given is SentFile {
  return typeof given === 'object' && given !== null && 'bytes' in given && Buffer.isBuffer(given.bytes);
}

async function pictureFrom(
  given: unknown,
  options: ReferenceOptions,
  signal: AbortSignal,
): Promise<SentFile> {
  const source = typeof given === 'string' ? { image_url: given } : mappingOrUndefined(given);
  const { image_url: url, file_id: id } = source ?? {};
  if (typeof id === 'string') return await uploaded(id, options);
  if (typeof url !== 'string') {
    throw invalid(
      field,
      'input_reference must be a picture as a file, {"image_url": "data:…"} or {"file_id": "…"}.',
    );
  }
  if (url.startsWith('data:')) return fromDataUrl(url);
  if (/^https?:\/\//i.test(url)) return await options.fetchPicture(url, signal);
  return await uploaded(url, options);
}

async function uploaded(id: string, { uploads }: ReferenceOptions): Promise<SentFile> {
  const upload = uploads.get(id);
  if (!upload) {
    throw invalid(
      field,
      `input_reference: there is no upload "${id.slice(0, 80)}"; upload the picture to /uploads first.`,
    );
  }
  return { bytes: await readFile(upload.path), mime: upload.mime };
}

function fromDataUrl(url: string): SentFile {
  const [, mime = '', data = ''] = /^data:([^;,]{0,100});base64,([A-Za-z0-9+/=_-]*)$/.exec(url) ?? [];
  if (data === '')
    throw invalid(
      field,
      'input_reference: a data URL must be data:image/png;base64,… with the picture in base64.',
    );
  return { bytes: Buffer.from(data, 'base64'), mime };
}

function checked({ bytes, mime }: SentFile, { maxBytes, maxPixels, onLimit }: ReferenceOptions): Reference {
  if (bytes.length > maxBytes) {
    onLimit('max_image_bytes');
    throw new RequestRefusal(
      413,
      'too_large',
      `input_reference has ${bytes.length} bytes, the limit is ${maxBytes}.`,
      field,
    );
  }
  try {
    return { bytes, extension: checkPicture(bytes, mime, { maxPixels, onLimit }).extension };
  } catch (error) {
    if (!(error instanceof UnfitPicture)) throw error;
    const { message, remedy = 'send a PNG, JPEG or WebP' } = error;
    throw invalid(field, `input_reference: ${message}; ${remedy}.`);
  }
}
