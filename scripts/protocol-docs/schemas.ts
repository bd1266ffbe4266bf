import { z } from 'zod';
import { ClientFrameSchema } from '../../src/core/protocol/native/client-frames.ts';
import { ServerFrameSchema } from '../../src/core/protocol/native/server-frames.ts';

export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** A document whose `oneOf` lists the frames of one direction and whose `$defs` hold them. */
export interface FrameSchemas {
  readonly $id: string;
  readonly oneOf: readonly { readonly $ref: string }[];
  readonly $defs: Readonly<Record<string, JsonSchema>>;
}

export interface FrameSchema {
  /** Name in `$defs`; the type, or for a type of both directions a name of its own. */
  readonly id: string;
  readonly type: string;
  readonly schema: JsonSchema;
}

/** What a client writes: fields with a default may be left out. */
export function clientFrameSchemas(): FrameSchemas {
  return document('native-client-frames', 'Frames that a client sends on /v1/stream.', ClientFrameSchema);
}

/** Open for further fields, which a reader has to ignore: the server may grow. */
export function serverFrameSchemas(): FrameSchemas {
  return document(
    'native-server-frames',
    'Text frames that the server sends on /v1/stream.',
    ServerFrameSchema,
  );
}

export function framesOf({ oneOf, $defs }: FrameSchemas): FrameSchema[] {
  return oneOf.map(({ $ref }) => {
    const id = $ref.slice('#/$defs/'.length);
    const schema = $defs[id];
    const type = schema?.properties?.type?.const;
    if (schema === undefined || type === undefined) throw new Error(`${$ref} is not the schema of a frame.`);
    return { id, type, schema };
  });
}

function document(name: string, title: string, schema: z.ZodType): FrameSchemas {
  const generated: unknown = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  const { $schema, ...rest } = generated as FrameSchemas & { readonly $schema: string };
  return { $schema, ...rest, $id: `urn:fastvideo:${name}`, title } as FrameSchemas;
}
