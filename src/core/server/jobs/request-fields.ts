import '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { errorMessage } from '../../base/errors.ts';
import { parseJson } from '../../base/json.ts';
import { mappingOrUndefined } from './mapping.ts';
import { invalid, RequestRefusal } from './openai-errors.ts';

/** A file that came with a request. */
export interface SentFile {
  readonly bytes: Buffer;
  /** As it was declared; undefined where nothing was said. */
  readonly mime: string | undefined;
}

/** What a request says, however it was sent. */
export interface RequestFields {
  readonly fields: Readonly<Record<string, unknown>>;
  /** By the names of their fields. */
  readonly files: Readonly<Record<string, SentFile>>;
}

export interface FieldLimits {
  readonly fileBytes: number;
  readonly fieldBytes: number;
}

const mostFields = 64;
/** What clients say of a file whose type they do not know. */
const anyType = 'application/octet-stream';

/** Reads a JSON object or a multipart form. `extra_body`, in which some clients send what OpenAI does not know, is unfolded. */
export async function readFields(request: FastifyRequest, limits: FieldLimits): Promise<RequestFields> {
  if (request.isMultipart()) {
    try {
      return await readForm(request, limits);
    } catch (error) {
      throw isKnown(error) ? error : invalid(null, `The form cannot be read: ${errorMessage(error)}.`);
    }
  }
  const body = mappingOrUndefined(request.body);
  if (!body) throw invalid(null, 'The body must be a JSON object or a multipart form.');
  const { extra_body, extra_json, ...fields } = body;
  return { fields: { ...fields, ...folded(extra_body), ...folded(extra_json) }, files: {} };
}

/** Refusals of ours and of the plugin; the parser throws plain errors at what is no form. */
function isKnown(error: unknown): boolean {
  return error instanceof RequestRefusal || (error instanceof Error && 'statusCode' in error);
}

async function readForm(request: FastifyRequest, limits: FieldLimits): Promise<RequestFields> {
  // Not objects: a name may be any text.
  const fields = new Map<string, unknown>();
  const files = new Map<string, SentFile>();
  const parts = request.parts({
    limits: {
      files: 1,
      fields: mostFields,
      parts: mostFields + 1,
      fileSize: limits.fileBytes,
      fieldSize: limits.fieldBytes,
    },
  });
  for await (const part of parts) {
    // `input_reference[image_url]` stands for a member of an object.
    const [, name = part.fieldname, member] = /^([^[\]]+)\[([^[\]]*)\]$/.exec(part.fieldname) ?? [];
    if (part.type === 'file') {
      const bytes = await part.toBuffer();
      files.set(name, { bytes, mime: part.mimetype === anyType ? undefined : part.mimetype });
    } else {
      if (part.valueTruncated) throw invalid(name, `${name} is longer than ${limits.fieldBytes} bytes.`);
      const members = member ? { ...mappingOrUndefined(fields.get(name)), [member]: part.value } : part.value;
      fields.set(name, members);
    }
  }
  const { extra_body, ...others } = Object.fromEntries(fields);
  return { fields: { ...others, ...folded(extra_body) }, files: Object.fromEntries(files) };
}

function folded(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null || value === '') return {};
  const mapping = mappingOrUndefined(typeof value === 'string' ? parseJson(value) : value);
  if (!mapping) throw invalid('extra_body', 'extra_body must be a JSON object.');
  return mapping;
}

/** Throws `RequestRefusal` with the first thing that is wrong, and names it as OpenAI does. */
export function parseFields<Schema extends z.ZodType>(schema: Schema, fields: unknown): z.output<Schema> {
  const result = schema.safeParse(fields);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const name = key.slice(0, 80);
    throw new RequestRefusal(400, 'unknown_parameter', `Unknown parameter: '${name}'.`, name);
  }
  const param = issue?.path.join('.') || null;
  throw invalid(
    param,
    param === null ? 'The request is not valid.' : `${param}: ${issue?.message ?? 'not valid'}.`,
  );
}
