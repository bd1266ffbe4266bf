/** Builds what tsc does not: the playground page into dist/playground/, and the networks beside their modules. */
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inRoot = (...parts) => join(root, ...parts);

await Promise.all([bundlePlayground(), copyNetworks()]);

async function bundlePlayground() {
  const target = inRoot('dist/playground');
  await mkdir(target, { recursive: true });
  await Promise.all([
    build({
      entryPoints: [inRoot('playground/main.ts'), inRoot('playground/style.css')],
      outdir: target,
      bundle: true,
      format: 'esm',
      minify: true,
      sourcemap: true,
      target: ['chrome110', 'firefox115', 'safari16.4'],
      tsconfig: inRoot('playground/tsconfig.json'),
      logLevel: 'warning',
    }),
    ...['index.html', 'favicon.svg'].map((name) => copyFile(inRoot('playground', name), join(target, name))),
  ]);
}

/** Each `src/**` network goes to the same place below dist/, where its module looks for it. */
async function copyNetworks() {
  const source = inRoot('src');
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  const networks = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.onnx'));
  for (const { parentPath, name } of networks) {
    const target = inRoot('dist', relative(source, parentPath), name);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(parentPath, name), target);
  }
}
