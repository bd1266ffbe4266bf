import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** A text frame, as it came. */
export interface Frame {
  readonly type: string;
  readonly [field: string]: unknown;
}

interface Document {
  readonly oneOf: readonly { readonly $ref: string }[];
  readonly $defs: Readonly<Record<string, Definition>>;
}

interface Definition {
  readonly properties: { readonly type?: { readonly const: string } };
}

const validators = compile(
  readFileSync(new URL('../../docs/schema/native-server-frames.json', import.meta.url), 'utf8'),
);

/** What the published document says against the frame; undefined when it holds. */
export function documentProblem(frame: Frame): string | undefined {
  const validate = validators.get(frame.type);
  if (validate === undefined) return `the document knows no ${frame.type} frame`;
  if (validate(frame)) return undefined;
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`).join('; ');
}

/**
 * One validator for each frame type. Readers have to ignore unknown fields, so the document is open; here it is closed,
 * because a field that our server sends and the document does not list is a gap in the document.
 */
function compile(text: string): Map<string, ValidateFunction> {
  const document = JSON.parse(text) as Document;
  const ids = document.oneOf.map(({ $ref }) => $ref.slice('#/$defs/'.length));
  const closed = Object.fromEntries(
    Object.entries(document.$defs).map(([id, definition]) => [
      id,
      ids.includes(id) ? { ...definition, additionalProperties: false } : definition,
    ]),
  );
  return new Map(
    ids.map((id) => {
      const type = document.$defs[id]?.properties.type?.const;
      if (type === undefined) throw new Error(`${id} has no type of its own.`);
      const ajv = new Ajv2020({ strictRequired: false });
      return [type, ajv.compile({ $ref: `#/$defs/${id}`, $defs: closed })];
    }),
  );
}
