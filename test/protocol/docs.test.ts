import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { protocolDocuments, readText } from '../../scripts/protocol-docs/documents.ts';
import { clientExamples, serverExamples } from '../../scripts/protocol-docs/examples.ts';
import { errorTable, wireErrorCodes } from '../../src/core/base/error-table.ts';
import { ClientFrameSchema } from '../../src/core/protocol/native/client-frames.ts';
import { ServerFrameSchema } from '../../src/core/protocol/native/server-frames.ts';
import { clientCases, type FrameCases, serverCases } from './frame-cases.ts';

const documents = await protocolDocuments();

describe('the documents of the protocol', () => {
  it.each([...documents.keys()])('%s is what `npm run docs` would write now', async (path) => {
    expect(await readText(path)).toBe(documents.get(path));
  });

  it('list the same error codes as the error table', async () => {
    const schema = await readJson('docs/schema/native-server-frames.json');
    const enumeration = (schema as ServerSchema).$defs.error.properties.code.enum;
    expect(enumeration).toEqual(wireErrorCodes);
    const page = await readText('docs/protocol.md');
    expect(codesBetween(page, 'wire errors')).toEqual(wireErrorCodes);
    const others = Object.keys(errorTable).filter((code) => !wireErrorCodes.some((wire) => wire === code));
    expect(codesBetween(page, 'other errors')).toEqual(others);
  });

  it('say in prose what each wire code does to the connection', async () => {
    const page = await readText('docs/protocol.md');
    const prose = page.slice(page.indexOf('## Errors and how'), page.indexOf('<!-- generated: wire errors'));
    const untold = wireErrorCodes.filter((code) => !prose.includes(`\`${code}\``));
    expect(untold).toEqual([]);
  });
});

describe.each([
  { name: 'client', cases: clientCases, zod: ClientFrameSchema, examples: clientExamples },
  { name: 'server', cases: serverCases, zod: ServerFrameSchema, examples: serverExamples },
] as const satisfies readonly Direction[])(
  'the JSON Schema of the $name frames',
  ({ name, cases, zod, examples }) => {
    it('accepts what zod accepts', async () => {
      const validate = await compile(`docs/schema/native-${name}-frames.json`);
      for (const frame of [...cases.accepted, ...Object.values(examples)]) {
        expect(zod.safeParse(frame).error, JSON.stringify(frame)).toBeUndefined();
        expect(validate(frame), `${JSON.stringify(frame)}: ${JSON.stringify(validate.errors)}`).toBe(true);
      }
    });

    it.each(cases.refused.map(({ why, frame }) => [why, frame]))(
      'refuses, as zod does, a frame that %s',
      async (_, frame) => {
        const validate = await compile(`docs/schema/native-${name}-frames.json`);
        // As it comes from the wire: undefined fields do not travel.
        const received: unknown = JSON.parse(JSON.stringify(frame));
        expect(zod.safeParse(received).success).toBe(false);
        expect(validate(received)).toBe(false);
      },
    );

    it('has an accepted literal or an example for every frame type', () => {
      const types = zod.options.map((option) => option.shape.type.value);
      expect(Object.keys(examples).sort()).toEqual([...types].sort());
    });
  },
);

describe('the AsyncAPI document', () => {
  it('is valid against the official schema of AsyncAPI 3.0', async () => {
    const document: unknown = parseYaml(await readText('docs/schema/asyncapi.yaml'));
    const schema: unknown = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json');
    // The official schema declares draft-07 and uses formats and keywords that ajv's strict mode does not know.
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema as object);
    expect(validate(document), JSON.stringify(validate.errors, null, 1)).toBe(true);
  });

  it('has every reference resolved within itself', async () => {
    const text = await readText('docs/schema/asyncapi.yaml');
    const document: unknown = parseYaml(text);
    const references = [...text.matchAll(/\$ref: "#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(references.length).toBeGreaterThan(60);
    expect(references.filter((path) => at(document, path.split('/')) === undefined)).toEqual([]);
  });

  it('lets each operation send or receive exactly the frames of its direction', async () => {
    const document = parseYaml(await readText('docs/schema/asyncapi.yaml')) as AsyncApi;
    const names = (operation: keyof AsyncApi['operations']) =>
      document.operations[operation].messages.map(({ $ref }) => {
        const id = $ref.slice($ref.lastIndexOf('/') + 1);
        return document.components.messages[id]?.name;
      });
    expect(names('receiveClientFrame')).toEqual(
      ClientFrameSchema.options.map(({ shape }) => shape.type.value),
    );
    expect(names('sendServerFrame')).toEqual([
      ...ServerFrameSchema.options.map(({ shape }) => shape.type.value),
      'init_segment',
      'media_segment',
    ]);
  });
});

interface Direction {
  readonly name: string;
  readonly cases: FrameCases;
  readonly zod: z.ZodType;
  readonly examples: Readonly<Record<string, object>>;
}

interface ServerSchema {
  readonly $defs: { readonly error: { readonly properties: { readonly code: { readonly enum: string[] } } } };
}

interface AsyncApi {
  readonly operations: Readonly<
    Record<
      'receiveClientFrame' | 'sendServerFrame',
      { readonly messages: readonly { readonly $ref: string }[] }
    >
  >;
  readonly components: { readonly messages: Readonly<Record<string, { readonly name: string }>> };
}

const compiled = new Map<string, Promise<ValidateFunction>>();

function compile(path: string): Promise<ValidateFunction> {
  const known = compiled.get(path);
  if (known) return known;
  const validate = readJson(path).then((schema) =>
    new Ajv2020({ strict: true, strictRequired: false }).compile(schema),
  );
  compiled.set(path, validate);
  return validate;
}

async function readJson(path: string): Promise<object> {
  return JSON.parse(await readText(path)) as object;
}

/** The codes in the first column of a generated table. */
function codesBetween(page: string, name: string): string[] {
  const part = page.slice(page.indexOf(`<!-- generated: ${name} -->`), page.indexOf(`<!-- end: ${name} -->`));
  return [...part.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code ?? '');
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}
