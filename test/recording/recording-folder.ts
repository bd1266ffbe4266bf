import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for recordings, in a directory of its own; it is not there yet. */
export class RecordingFolder {
  readonly path: string;
  readonly #parent: string;

  private constructor(parent: string) {
    this.#parent = parent;
    this.path = join(parent, 'deep', 'recordings');
  }

  static async make(): Promise<RecordingFolder> {
    return new RecordingFolder(await mkdtemp(join(tmpdir(), 'fastvideo-recordings-')));
  }

  async files(): Promise<{ readonly path: string; readonly mode: number }[]> {
    const paths = (await readdir(this.path)).sort().map((name) => join(this.path, name));
    return await Promise.all(paths.map(async (path) => ({ path, mode: (await stat(path)).mode })));
  }

  /** The index of the first recording of a path. */
  async indexOf(dialect: string): Promise<string> {
    for (const { path } of await this.files()) {
      if (!path.endsWith('.jsonl')) continue;
      if (
        (await readFile(path, 'utf8')).startsWith(
          `{"format":"fastvideo-recording","version":1,"path":"${dialect}"`,
        )
      ) {
        return path;
      }
    }
    throw new Error(`There is no recording of ${dialect}.`);
  }

  async remove(): Promise<void> {
    await rm(this.#parent, { recursive: true, force: true });
  }
}

/** The lines of an index after its header; a line that is still being written is left out. */
export async function indexLinesOf(path: string): Promise<Readonly<Record<string, unknown>>[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').slice(1, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

export interface RecordingContent {
  /** The first line; default: a good one of that version. */
  readonly header?: string;
  readonly version?: number;
  readonly lines?: readonly string[];
  /** Of the binary file; null: there is none. */
  readonly bytes?: string | null;
}

/** Writes a recording by hand; without a name the folder alone is made. */
export async function recordingOf(
  folder: RecordingFolder,
  name: string | undefined,
  { version = 1, header, lines = [''], bytes = '' }: RecordingContent,
): Promise<void> {
  await mkdir(folder.path, { recursive: true });
  if (name === undefined) return;
  const good = {
    format: 'fastvideo-recording',
    version,
    path: '/ws',
    server_version: '0.0.0',
    started_at: '2026-01-01T00:00:00.000Z',
  };
  const index = [header ?? JSON.stringify(good), ...lines].join('\n');
  await writeFile(join(folder.path, `${name}.jsonl`), index);
  if (bytes !== null) await writeFile(join(folder.path, `${name}.bin`), bytes);
}
