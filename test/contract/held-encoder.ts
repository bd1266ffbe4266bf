import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundledFfmpeg, systemFfmpeg } from '../../src/core/media/ffmpeg/binary.ts';

/** An encoder that gives nothing until it is let: segments begin, and end when a test has seen enough. */
export interface HeldEncoder extends AsyncDisposable {
  /** Arguments that make a server use it. */
  readonly args: readonly string[];
  /** From now on it works as usual. */
  release(): Promise<void>;
}

export async function heldEncoder(): Promise<HeldEncoder> {
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-held-'));
  const [path, released] = [join(directory, 'ffmpeg'), join(directory, 'released')];
  const ffmpeg = bundledFfmpeg() ?? systemFfmpeg();
  const script = `#!/bin/sh\nuntil [ -e '${released}' ]; do sleep 0.05; done\nexec '${ffmpeg}' "$@"\n`;
  await writeFile(path, script, { mode: 0o755 });
  return {
    args: ['--streaming.encoder.ffmpeg_path', path],
    release: () => writeFile(released, ''),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
