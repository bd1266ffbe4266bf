import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('./stand-ins/', import.meta.url));

/** A module that the benchmark puts in the place of one of FastVideo's. */
export interface StandIn {
  readonly module: string;
  /** Why, in one sentence. */
  readonly reason: string;
}

/** All of them: one file each, whose docstring is the reason. */
export async function standIns(): Promise<StandIn[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.py')).sort();
  return await Promise.all(
    files.map(async (name) => {
      const [, reason] = /^"""(.+)"""$/m.exec(await readFile(`${folder}/${name}`, 'utf8')) ?? [];
      if (reason === undefined) throw new Error(`The stand-in ${name} does not say why it is there.`);
      return { module: name.slice(0, -'.py'.length), reason };
    }),
  );
}

export function standInLines(all: readonly StandIn[]): string[] {
  return all.map(({ module, reason }) => `- \`${module}\`: ${reason}`);
}
