import { copyFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { ClassifierOptions } from '../../src/core/safety/safety-options.ts';
import { filterWith } from './fixtures.ts';

/** A copy of a model with the named files beside it, in a folder of its own. */
export async function copy(model: string, companions: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fastvideo-model-'));
  for (const name of [basename(model), ...companions])
    await copyFile(join(dirname(model), name), join(folder, name));
  return join(folder, basename(model));
}

/** What a filter with these is refused with. */
export async function refusal(...classifiers: ClassifierOptions[]): Promise<string> {
  const error: unknown = await filterWith({ classifiers }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'config_invalid' });
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return message;
}
