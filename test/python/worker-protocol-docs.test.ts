import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FromWorkerSchema, ToWorkerSchema } from '../../src/core/protocol/worker/messages.ts';

const page = await readFile(new URL('../../docs/worker-protocol.md', import.meta.url), 'utf8');
const code = [...page.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);

/** All member names of a schema, those of nested objects included. */
function memberNames(schema: z.core.$ZodType): string[] {
  const json = z.toJSONSchema(schema, { unrepresentable: 'any' });
  const names: string[] = [];
  JSON.stringify(json, (key, value: unknown) => {
    if (key === 'properties' && typeof value === 'object' && value !== null)
      names.push(...Object.keys(value));
    return value;
  });
  return names;
}

describe('docs/worker-protocol.md', () => {
  const options = [...ToWorkerSchema.options, ...FromWorkerSchema.options];

  it.each(options.map((option) => [option.shape.type.value, option] as const))(
    'names %s and all its members',
    (type, option) => {
      expect(code).toContain(type);
      const words = new Set(code.flatMap((text) => text.split(/[^\w$]+/)));
      expect(memberNames(option).filter((name) => !words.has(name))).toEqual([]);
    },
  );
});
