import fc from 'fast-check';
import * as z from 'zod';
import { anyText } from './odd.ts';

/** The parts of JSON schema that zod writes. */
interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema | boolean>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** What a sender writes by the schema, mostly valid; what JSON schema does not say (refinements) may not hold. */
export function fromSchema(schema: z.ZodType): fc.Arbitrary<unknown> {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
  return arbitraryOf(root, root);
}

function arbitraryOf(given: Schema | boolean, root: Schema): fc.Arbitrary<unknown> {
  const schema: Schema = typeof given === 'boolean' ? {} : given;
  const of = (inner: Schema | boolean) => arbitraryOf(inner, root);
  if (schema.$ref !== undefined) return of(resolved(schema.$ref, root));
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const alternatives = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (alternatives) return fc.oneof(...alternatives.map(of));
  if (Array.isArray(schema.type)) {
    return fc.oneof(...schema.type.map((type: string) => of({ ...schema, type })));
  }
  switch (schema.type) {
    case 'object':
      return objectOf(schema, of);
    case 'array':
      return fc.array(of(schema.items ?? {}), { maxLength: 4 });
    case 'string':
      return anyText;
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function resolved(reference: string, root: Schema): Schema {
  const found = root.$defs?.[reference.replace('#/$defs/', '')];
  if (!found) throw new Error(`The schema has no ${reference}.`);
  return found;
}

function objectOf(
  { properties = {}, required = [], additionalProperties }: Schema,
  of: (schema: Schema | boolean) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  // Of many optional members few at a time: each is then seen with few others.
  const members = Object.entries(properties).map(([name, schema]) => {
    const value = of(schema).map((inner) => ({ [name]: inner }));
    return required.includes(name) ? value : fc.option(value, { nil: {}, freq: 1 });
  });
  const named = fc.tuple(...members).map((parts) => Object.assign({}, ...parts) as object);
  if (typeof additionalProperties !== 'object') return named;
  const others = fc.dictionary(anyText, of(additionalProperties), { maxKeys: 3, noNullPrototype: true });
  return fc.tuple(named, others).map(([one, other]) => ({ ...other, ...one }));
}

/** Small numbers, and those at the edges of what the schema allows. */
function numberOf(schema: Schema): fc.Arbitrary<number> {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const step = type === 'integer' ? 1 : Number.EPSILON;
  const lowest = minimum ?? (exclusiveMinimum === undefined ? -1000 : exclusiveMinimum + step);
  const highest = maximum ?? (exclusiveMaximum === undefined ? lowest + 2000 : exclusiveMaximum - step);
  const near = Math.min(Math.max(lowest, 0), highest);
  const usual = fc.nat({ max: 20 }).map((more) => Math.min(near + more, highest));
  return fc.oneof({ weight: 4, arbitrary: usual }, fc.constantFrom(lowest, highest));
}
