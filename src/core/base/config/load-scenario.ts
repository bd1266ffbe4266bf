import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { FastVideoError } from '../errors.ts';
import { readText } from '../read-text.ts';
import { type ConfigFile, readConfigFile } from './find-config-file.ts';
import { composeConfig } from './load-config.ts';
import { isProbablyMeant, nearestKey } from './nearest-key.ts';
import { type Scenario, ScenarioSchema } from './scenario-schema/scenario.ts';

/** A scenario as it is shipped. */
export interface ReadyMade {
  readonly name: string;
  readonly scenario: Scenario;
}

/**
 * The scenario of a file, checked as a whole and frozen. One that says nothing about its name has that of its file.
 *
 * @param shipped - the folder of those that may be given by name
 * @throws `config_invalid` with every problem, one a line
 */
export async function loadScenario(
  nameOrPath: string,
  shipped: string,
  cwd = process.cwd(),
): Promise<Scenario> {
  const byName = join(shipped, `${nameOrPath}.yaml`);
  if (/^[\w-]+$/.test(nameOrPath) && existsSync(byName)) {
    return checked({ name: `${nameOrPath}.yaml`, text: await readText(byName) }, nameOrPath);
  }
  if (/^[\w-]+$/.test(nameOrPath) && !existsSync(join(cwd, nameOrPath))) {
    throw unknownName(nameOrPath, await shippedNames(shipped));
  }
  return checked(await readConfigFile(nameOrPath, cwd), basename(nameOrPath, extname(nameOrPath)));
}

/** The scenario that a value describes, such as the body of a request. Throws `config_invalid` as {@link loadScenario}. */
export function parseScenario(value: unknown, name: string): Scenario {
  return checked({ name, exported: value });
}

/** Those that may be given by name, in the order of their names. */
export async function readyMadeScenarios(shipped: string): Promise<ReadyMade[]> {
  const names = await shippedNames(shipped);
  return await Promise.all(
    names.map(async (name) => ({ name, scenario: await loadScenario(name, shipped) })),
  );
}

function checked(file: ConfigFile, fallbackName?: string): Scenario {
  const { config } = composeConfig({
    schema: ScenarioSchema,
    file,
    withoutFile: '',
    defaults: [],
    overrides: [],
  });
  return config.name === undefined && fallbackName !== undefined
    ? Object.freeze({ ...config, name: fallbackName })
    : config;
}

async function shippedNames(shipped: string): Promise<string[]> {
  const files = await readdir(shipped);
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

function unknownName(name: string, names: readonly string[]): FastVideoError {
  const nearest = nearestKey(name, names);
  const meant = nearest && isProbablyMeant(name, nearest) ? ` Did you mean "${nearest.key}"?` : '';
  return new FastVideoError(
    'config_invalid',
    `There is no scenario "${name}".${meant} The ready-made ones are ${names.join(', ')}; name a file by its path, e.g. ./${name}.yaml.`,
  );
}
