import fc from 'fast-check';
import { stringify } from 'yaml';
import type { z } from 'zod';
import { composeConfig } from '../../../src/core/base/config/load-config.ts';
import type { Mapping } from '../../../src/core/base/config/mapping.ts';
import { formatEffectiveConfig } from '../../../src/core/base/config/print-config.ts';
import { RouterConfigSchema } from '../../../src/core/base/config/router-schema/router-config.ts';
import { ScenarioSchema } from '../../../src/core/base/config/scenario-schema/scenario.ts';
import { ServeConfigSchema } from '../../../src/core/base/config/serve-schema/serve-config.ts';
import { FastVideoError } from '../../../src/core/base/errors.ts';
import { fromSchema } from '../arbitraries/from-schema.ts';
import { mutated, mutatedJson } from '../arbitraries/mutated.ts';
import { anyText, written } from '../arbitraries/odd.ts';
import { pureTarget } from '../pure.ts';
import { Finding } from '../target.ts';

const schemas: Readonly<Record<string, z.ZodType<Mapping>>> = {
  serve: ServeConfigSchema,
  router: RouterConfigSchema,
  scenario: ScenarioSchema,
};

interface Input {
  readonly kind: string;
  readonly text: string;
}

/** A line is a problem; more than this many say nothing to anybody. */
const mostLineChars = 2000;

export const config = pureTarget<Input>({
  name: 'config',
  about: 'config files of serve, router and scenarios, in YAML and JSON',
  inputs: () => fc.oneof(...Object.entries(schemas).map(([kind, schema]) => textsOf(kind, schema))),
  read: ({ kind, text }) => {
    const schema = schemas[kind];
    if (!schema) throw new Error(`There is no schema ${kind}.`);
    try {
      const file = { name: `${kind}.yaml`, text };
      formatEffectiveConfig(composeConfig({ schema, file, withoutFile: '', defaults: [], overrides: [] }));
    } catch (error) {
      if (!(error instanceof FastVideoError) || error.code !== 'config_invalid') throw error;
      const long = error.message.split('\n').find((line) => line.length > mostLineChars);
      if (long !== undefined)
        throw new Finding(`A line of the message has ${long.length} characters: ${long.slice(0, 300)}`);
    }
  },
});

function textsOf(kind: string, schema: z.ZodType): fc.Arbitrary<Input> {
  const valid = fromSchema(schema);
  const yaml = mutated(valid).map(yamlOf);
  const broken = fc
    .tuple(
      yaml,
      fc.nat({ max: 1000 }),
      fc.oneof(
        anyText,
        fc.constantFrom(
          '*a',
          '&a [*a, *a]',
          '<<: *a',
          '!!js/function',
          '? ',
          '---',
          '\t',
          '%YAML 9',
          '!!binary x',
          '{',
          '[[[[',
        ),
      ),
    )
    .map(([text, at, other]) => {
      const cut = Math.floor((text.length * at) / 1000);
      return `${text.slice(0, cut)}${other}${text.slice(cut)}`;
    });
  return fc.oneof(yaml, broken, mutatedJson(valid)).map((text) => ({ kind, text }));
}

function yamlOf(value: unknown): string {
  try {
    return stringify(value ?? null, { aliasDuplicateObjects: false });
  } catch {
    // What YAML cannot write, such as a value nested thousands of levels deep.
    return written(value);
  }
}
