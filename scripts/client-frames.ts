import * as z from 'zod';
import { wireErrorCodes } from '../src/core/base/error-table.ts';
import { ClientFrameSchema } from '../src/core/protocol/native/client-frames.ts';
import { ServerFrameSchema } from '../src/core/protocol/native/server-frames.ts';
import { queueReasons } from '../src/core/protocol/queue-reason.ts';

interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** Spoken between routers and replicas only. */
const routerFrames = new Set(['session_checkpoint']);
const routerFields = new Set(['checkpoints', 'checkpoint', 'already_sent']);
const routerTypes = new Set(['AlreadySent']);

const header = `// Made by scripts/write-client-frames.ts from the schemas in src/core/protocol/native; change them, then run "npm run docs".
`;

/** The frames of \`/v1/stream\` as TypeScript without a dependency, and the fields that a frame of the server must have. */
export function clientFrames(): string {
  const server = z.toJSONSchema(ServerFrameSchema, { unrepresentable: 'any' }) as JsonSchema;
  const client = z.toJSONSchema(ClientFrameSchema, { unrepresentable: 'any', io: 'input' }) as JsonSchema;
  const serverFrames = framesOf(server);
  const clientFrames = framesOf(client);
  const shared = { ...client.$defs, ...server.$defs };
  const others = Object.entries(shared).filter(
    ([name, { properties }]) => properties?.['type']?.const === undefined && !routerTypes.has(name),
  );
  return [
    header,
    `/** Why an \`error\` frame came. */\nexport type WireErrorCode = ${literals(wireErrorCodes)};\n`,
    `/** Why a session waits for a worker. */\nexport type QueueReason = ${literals(queueReasons)};\n`,
    ...others.map(([name, schema]) => declaration(typeName(name), schema)),
    ...clientFrames.map(([name, schema]) => declaration(typeName(name, 'Client'), schema)),
    ...serverFrames.map(([name, schema]) => declaration(typeName(name, 'Server'), schema)),
    union('ClientFrame', 'Every frame that a client may send.', clientFrames, 'Client'),
    union('ServerFrame', 'Every text frame that a server sends.', serverFrames, 'Server'),
    fieldTable(serverFrames),
  ].join('\n');
}

type NamedFrame = readonly [type: string, schema: JsonSchema];

function framesOf(schema: JsonSchema): NamedFrame[] {
  return (schema.oneOf ?? schema.anyOf ?? [])
    .map((part) =>
      part.$ref === undefined ? part : (schema.$defs?.[part.$ref.replace('#/$defs/', '')] ?? part),
    )
    .map((part) => [String(part.properties?.['type']?.const), part] as const)
    .filter(([type]) => !routerFrames.has(type));
}

function typeName(name: string, suffix = ''): string {
  const words = name.split('_').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  return `${words.join('')}${suffix === '' ? '' : `${suffix}Frame`}`;
}

function declaration(name: string, schema: JsonSchema): string {
  const fields = Object.entries(schema.properties ?? {})
    .filter(([field]) => !routerFields.has(field))
    .map(([field, value]) => {
      const comment = value.description === undefined ? '' : `  /** ${value.description} */\n`;
      const optional = schema.required?.includes(field) ? '' : '?';
      const orUndefined = optional === '' ? '' : ' | undefined';
      return `${comment}  readonly ${field}${optional}: ${typeOf(value)}${orUndefined};`;
    });
  const comment = schema.description === undefined ? '' : `/** ${schema.description} */\n`;
  return `${comment}export interface ${name} {\n${fields.join('\n')}\n}\n`;
}

function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return typeName(schema.$ref.replace('#/$defs/', ''));
  if (schema.const !== undefined) return literals([schema.const]);
  if (schema.enum) {
    if (schema.enum.join() === wireErrorCodes.join()) return 'WireErrorCode';
    return schema.enum.join() === queueReasons.join() ? 'QueueReason' : literals(schema.enum);
  }
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return either.map(typeOf).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ type })).join(' | ');
  switch (schema.type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'array':
      return `readonly ${inBrackets(typeOf(schema.items ?? {}))}[]`;
    case 'object':
      return objectType(schema);
    default:
      return 'unknown';
  }
}

function objectType(schema: JsonSchema): string {
  const { properties, required = [], additionalProperties } = schema;
  if (!properties) {
    const value = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown';
    return `Readonly<Record<string, ${value}>>`;
  }
  const fields = Object.entries(properties).map(([field, value]) =>
    required.includes(field)
      ? `readonly ${field}: ${typeOf(value)}`
      : `readonly ${field}?: ${typeOf(value)} | undefined`,
  );
  return `{ ${fields.join('; ')} }`;
}

function inBrackets(type: string): string {
  return /[ |]/.test(type) ? `(${type})` : type;
}

function literals(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value))).join(' | ');
}

function union(name: string, comment: string, frames: readonly NamedFrame[], suffix: string): string {
  const members = frames.map(([type]) => `  | ${typeName(type, suffix)}`).join('\n');
  return `/** ${comment} */\nexport type ${name} =\n${members};\n`;
}

/** Of each frame the fields that must be there, and their types. */
function fieldTable(frames: readonly NamedFrame[]): string {
  const rows = frames.map(([type, { properties = {}, required = [] }]) => {
    const fields = required
      .filter((field) => field !== 'type')
      .map((field) => `${field}: '${runTimeType(properties[field] ?? {})}'`);
    return `  ${type}: { ${fields.join(', ')} },`.replace('{  }', '{}');
  });
  return `/** Fields that a frame of the server must have, with what \`typeof\` says of them. */
export const requiredFields: Readonly<Record<ServerFrame['type'], Readonly<Record<string, string>>>> = {
${rows.join('\n')}
};
`;
}

function runTimeType(schema: JsonSchema): string {
  const type = typeOf(schema);
  if (type === 'number' || type === 'boolean') return type;
  if (type === 'true' || type === 'false') return 'boolean';
  const isText = type === 'string' || type.startsWith("'") || type === 'WireErrorCode';
  return isText ? 'string' : 'object';
}
