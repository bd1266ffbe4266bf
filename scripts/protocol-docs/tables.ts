import { type ErrorCode, errorTable, wireErrorCodes } from '../../src/core/base/error-table.ts';
import {
  clientFrameSchemas,
  type FrameSchemas,
  framesOf,
  type JsonSchema,
  serverFrameSchemas,
} from './schemas.ts';

/** The generated parts of docs/protocol.md, by the name that stands in their markers. */
export function protocolTables(): Readonly<Record<string, string>> {
  return {
    'client frames': frameTables(clientFrameSchemas()),
    'server frames': frameTables(serverFrameSchemas()),
    'wire errors': wireErrorTable(),
    'other errors': otherErrorTable(),
  };
}

function frameTables(document: FrameSchemas): string {
  const parts = framesOf(document).map(({ type, schema }) => {
    const fields = Object.entries(schema.properties ?? {}).filter(([name]) => name !== 'type');
    const head = `#### \`${type}\`\n\n${schema.description ?? ''}`;
    if (fields.length === 0) return `${head} No fields.`;
    const rows = fields.map(([name, field]) => {
      const needed = schema.required?.includes(name) === true;
      return [code(name), typeName(field), needed ? 'required' : fallback(field), field.description ?? ''];
    });
    return `${head}\n\n${table(['field', 'type', 'default', 'meaning'], rows)}`;
  });
  return parts.join('\n\n');
}

function fallback({ default: value }: JsonSchema): string {
  return value === undefined ? 'left out' : code(JSON.stringify(value));
}

function typeName(schema: JsonSchema): string {
  if (schema.$ref) return schema.$ref.slice('#/$defs/'.length);
  if (schema.const !== undefined) return code(`"${schema.const}"`);
  if (schema.enum) return schema.enum.map((value) => code(`"${value}"`)).join(' or ');
  // null stands for "left out" in every optional field; saying so once in the prose is enough.
  if (schema.anyOf)
    return schema.anyOf
      .filter(({ type }) => type !== 'null')
      .map(typeName)
      .join(' or ');
  if (schema.items) return `array of ${typeName(schema.items)}`;
  if (schema.type === 'object' && schema.properties) {
    const { properties, required } = schema;
    const names = Object.keys(properties).map((name) => (required?.includes(name) ? name : `${name}?`));
    return code(`{${names.join(', ')}}`);
  }
  return `${schema.type ?? 'any'}${range(schema)}`;
}

function range({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  const safe = (value: number | undefined) =>
    value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
  const [low, above, high] = [safe(minimum), safe(exclusiveMinimum), safe(maximum)];
  if (low !== undefined && high !== undefined) return `, ${low} to ${high}`;
  if (low !== undefined) return `, ${low} or more`;
  if (above !== undefined) return `, above ${above}`;
  return high === undefined ? '' : `, ${high} or less`;
}

function wireErrorTable(): string {
  const rows = wireErrorCodes.map((name) => {
    const { message, retryable, closeCode, httpStatus } = errorTable[name];
    return [code(name), message, String(retryable), String(closeCode), String(httpStatus)];
  });
  return table(['code', 'meaning', 'retryable', 'close code', 'HTTP status'], rows);
}

function otherErrorTable(): string {
  const names = (Object.keys(errorTable) as ErrorCode[]).filter((name) => !errorTable[name].wire);
  const rows = names.map((name) => {
    const { message, retryable, exitCode } = errorTable[name];
    return [code(name), message, String(retryable), String(exitCode)];
  });
  return table(['code', 'meaning', 'retryable', 'exit code'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
