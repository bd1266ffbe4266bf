import fc from 'fast-check';
import * as z from 'zod';

type JsonSchema = z.core.JSONSchema.BaseSchema;
type Named = Readonly<Record<string, JsonSchema>>;

/**
 * Values that a schema takes, made from the schema alone: a member that it gets later is in them. Texts with a pattern
 * are made as base64 of whole 32-bit numbers.
 */
export function valuesOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  const whole = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return valuesOfJson(whole, whole.$defs ?? {});
}

function valuesOfJson(schema: JsonSchema, named: Named): fc.Arbitrary<unknown> {
  const reference = schema.$ref && named[schema.$ref.replace('#/$defs/', '')];
  if (reference) return valuesOfJson(reference, named);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => valuesOfJson(asSchema(choice), named)));
  // A number that may be null has both.
  const types: readonly string[] = [schema.type ?? []].flat();
  if (types.length > 1) {
    return fc.oneof(...types.map((type) => valuesOfJson({ ...schema, type } as JsonSchema, named)));
  }
  switch (schema.type) {
    case 'object':
      return objectsOf(schema, named);
    case 'array':
      return schema.prefixItems
        ? fc.tuple(...schema.prefixItems.map((item) => valuesOfJson(asSchema(item), named)))
        : fc.array(valuesOfJson(asSchema(schema.items), named), {
            minLength: schema.minItems ?? 0,
            maxLength: 4,
          });
    case 'string':
      return schema.contentEncoding === 'base64' || schema.pattern !== undefined
        ? fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 8 }).map(base64Of)
        : fc.string({ minLength: Math.max(1, schema.minLength ?? 1), maxLength: 20 });
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1000, max: Math.min(schema.maximum ?? 1000, 1000) });
    case 'number':
      return fc
        .double({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1000, 1000), noNaN: true })
        .map((value) => value + 0);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.constantFrom('anything', 7, true);
  }
}

function objectsOf({ properties, required = [] }: JsonSchema, named: Named): fc.Arbitrary<unknown> {
  // One whose names are not known.
  if (!properties) return fc.dictionary(fc.string({ minLength: 1 }), fc.constantFrom('anything', 7, true));
  const members = Object.entries(properties).map(([name, member]) => [
    name,
    valuesOfJson(asSchema(member), named),
  ]);
  return fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [...required],
  });
}

function asSchema(schema: unknown): JsonSchema {
  if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema as JsonSchema;
  throw new Error(`not a schema that values can be made from: ${JSON.stringify(schema)}`);
}

function base64Of(samples: readonly number[]): string {
  return Buffer.from(Float32Array.from(samples).buffer).toString('base64');
}
