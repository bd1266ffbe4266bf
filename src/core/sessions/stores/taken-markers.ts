import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { absentIfMissing } from '../../base/absent-if-missing.ts';
import { systemErrorCode } from '../../base/errors.ts';
import { makeFolder } from './file-folder.ts';
import { takenMemoryMs } from './store.ts';

const maxMarkers = 10_000;
const suffix = '.fastvideo-taken';

/** An empty file for each key that was taken. Only the sweep, and who has it, removes one, so that one claim alone succeeds. */
export class TakenMarkers {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async open(): Promise<void> {
    await makeFolder(this.#path);
    await this.sweep();
  }

  async has(key: string): Promise<boolean> {
    return (await absentIfMissing(() => stat(this.#fileOf(key)))) !== undefined;
  }

  /** True for the first caller of all processes: the system creates a file exclusively once. */
  async claim(key: string): Promise<boolean> {
    try {
      const handle = await open(this.#fileOf(key), 'wx', 0o600);
      await handle.close();
      return true;
    } catch (error) {
      if (systemErrorCode(error) === 'EEXIST') return false;
      throw error;
    }
  }

  /** Takes a claim of one's own back. */
  async release(key: string): Promise<void> {
    await rm(this.#fileOf(key), { force: true });
  }

  async sweep(): Promise<void> {
    const kept: { path: string; takenAt: number }[] = [];
    for (const name of await readdir(this.#path)) {
      if (!name.endsWith(suffix)) continue;
      const path = join(this.#path, name);
      const marker = await absentIfMissing(() => stat(path));
      if (marker === undefined) continue;
      if (marker.mtimeMs + takenMemoryMs <= Date.now()) await rm(path, { force: true });
      else kept.push({ path, takenAt: marker.mtimeMs });
    }
    kept.sort((one, other) => other.takenAt - one.takenAt);
    for (const { path } of kept.slice(maxMarkers)) await rm(path, { force: true });
  }

  #fileOf(key: string): string {
    return join(this.#path, `${key}${suffix}`);
  }
}
