import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const protocol = fileURLToPath(new URL('../../src/core/protocol/', import.meta.url));

describe('the protocol module', () => {
  it('bundles for a browser, every file of it, without a module of Node', async () => {
    const files = (await readdir(protocol, { recursive: true })).filter((file) => file.endsWith('.ts'));
    expect(files).toContain(join('native', 'client-frames.ts'));
    const result = await build({
      entryPoints: files.map((file) => join(protocol, file)),
      bundle: true,
      platform: 'browser',
      format: 'esm',
      write: false,
      outdir: 'unused',
      logLevel: 'silent',
      metafile: true,
    });
    const inputs = Object.values(result.metafile.inputs).flatMap(({ imports }) => imports);
    expect(inputs.filter(({ path }) => path.startsWith('node:'))).toEqual([]);
    // `Buffer` and `process` would bundle without complaint and fail in the page.
    const own = result.outputFiles.map(({ text }) => text).join('\n');
    expect(own).not.toMatch(/\bBuffer\.(from|alloc|concat)\b/);
  });
});
