import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quick, readyServer } from '../contract/servers.ts';
import type { ServerProcess } from '../support/server-process.ts';

/** A folder for the state of a film. */
export interface FilmFolder extends AsyncDisposable {
  readonly path: string;
  /** For `--continuation`. */
  readonly state: string;
  /** How many frames the film has, as the state says. */
  nextFrame(): Promise<number>;
}

export async function filmFolder(): Promise<FilmFolder> {
  const path = await mkdtemp(join(tmpdir(), 'fastvideo-survival-'));
  const state = join(path, 'state.json');
  return {
    path,
    state,
    nextFrame: async () => {
      const { payload } = JSON.parse(await readFile(state, 'utf8')) as { payload: { nextFrame: number } };
      return payload.nextFrame;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}

/** A server with segments of {@link quick} and trouble on demand. */
export async function scenarioServer(
  folder: FilmFolder,
  scenario: object,
  args: readonly string[],
): Promise<ServerProcess> {
  const path = join(folder.path, 'scenario.json');
  await writeFile(path, JSON.stringify(scenario));
  return await readyServer('mock', [...quick, '--scenario', path, ...args]);
}

/** Stays in the middle of the second segment of a session for as long as it runs. */
export const secondSegmentStays = { stall: { at_frame: 8, segment: 2, timeout_seconds: 100_000 } };

/** A server without trouble at the address of one that has ended. */
export async function successor(ended: ServerProcess, args: readonly string[]): Promise<ServerProcess> {
  return await readyServer('mock', [...quick, '--server.port', new URL(ended.url).port, ...args]);
}
