import { ScenarioSchema } from '../src/core/base/config/scenario-schema/scenario.ts';
import { keyTable } from './config-docs.ts';

const keys = /(<!-- keys: [^>]* -->\n)[\s\S]*?(<!-- end of keys -->)/;

/** The page with the table of a scenario's keys in its place. */
export function withScenarioKeys(page: string): string {
  if (!keys.test(page)) throw new Error('docs/mock.md has no place for the keys of a scenario');
  return page.replace(
    keys,
    (_, start: string, end: string) => `${start}\n${keyTable(ScenarioSchema)}\n${end}`,
  );
}
