/**
 * Builds `dist/`: the program in a few modules (a start reads 100 files less than one of a module a source file, and
 * opens no more of them at once than the least limit of open files allows), the playground page into `dist/playground/`,
 * the networks, and the manual page.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inRoot = (...parts) => join(root, ...parts);

/** Entries by the name of their file in `dist/`. */
const programs = {
  cli: 'src/cli.ts',
  'worker-main': 'src/core/pool/subprocess/worker-main.ts',
  'safety-main': 'src/core/safety/process/safety-main.ts',
};

/** What the page and the client are written for. */
const browsers = ['chrome110', 'firefox115', 'safari16.4'];

const diagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => root,
  getNewLine: () => '\n',
};

/** Packages that become part of the program: zod reads 150 files, most of them words of languages that nobody asks for. */
const bundledPackages = ['zod'];

const shared = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  // Those of the programs are for debuggers of a checkout and not in the package ("files" of package.json): Node reads
  // them only when it is told to. Those of the page are: it is minified, and browsers read them by themselves.
  sourcemap: true,
  metafile: true,
  logLevel: 'warning',
};

/** Zod's messages in other languages than English: half of all that a command would load. */
const oneLanguage = {
  name: 'one-language',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    }));
  },
};

/**
 * What reads boxes throws the errors of the programs, whose table tells exit codes and HTTP statuses. In the client
 * library they are errors of the library, like all others.
 */
const errorsOfTheLibrary = {
  name: 'errors-of-the-library',
  setup(build) {
    build.onResolve({ filter: /\/base\/errors\.ts$/ }, () => ({ path: inRoot('src/client/errors.ts') }));
  },
};

const manifest = JSON.parse(await readFile(inRoot('package.json'), 'utf8'));
const written = (
  await Promise.all([bundlePrograms(), bundlePlayground(), bundleClient(), copyNetworks(), copyLicences()])
).flat();
await removeAllBut([...written, await writeManualPage()]);

/** Each part gives the files that it wrote, absolute. */
async function bundlePrograms() {
  const packages = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  const options = {
    ...shared,
    entryPoints: Object.entries(programs).map(([out, file]) => ({ in: inRoot(file), out })),
    outdir: inRoot('dist'),
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    platform: 'node',
    target: 'node20.19',
    external: packages.filter((name) => !bundledPackages.includes(name)),
  };
  const { metafile: trial } = await build({ ...options, plugins: [oneLanguage], write: false });
  const { inject, plugins } = everywhere(selfContained(trial.inputs));
  const { metafile } = await build({ ...options, inject, plugins: [oneLanguage, ...plugins] });
  return outputsOf(metafile);
}

/** Modules of `src/core/base` that import nothing but each other and Node: loading them costs next to nothing. */
function selfContained(inputs) {
  const candidates = new Set(Object.keys(inputs).filter((path) => path.startsWith('src/core/base/')));
  for (;;) {
    const before = candidates.size;
    for (const path of candidates) {
      const isAlone = inputs[path].imports.every(({ path, kind, external }) =>
        external ? isBuiltin(path) : kind !== 'dynamic-import' && candidates.has(path),
      );
      if (!isAlone) candidates.delete(path);
    }
    if (candidates.size === before) return [...candidates];
  }
}

/**
 * Options that have every module of the program import these. Modules that are needed by the same entries share a chunk:
 * each would have one of its own otherwise, for some commands need it and others do not.
 */
function everywhere(paths) {
  const name = 'common-modules';
  const contents = paths.map((path) => `import ${JSON.stringify(inRoot(path))};`).join('\n');
  const plugin = {
    name,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: name }));
      build.onLoad({ filter: /./, namespace: name }, () => ({ contents, resolveDir: root }));
    },
  };
  return { inject: [name], plugins: [plugin] };
}

async function bundlePlayground() {
  const target = inRoot('dist/playground');
  const { metafile } = await build({
    ...shared,
    entryPoints: [inRoot('playground/main.ts'), inRoot('playground/style.css')],
    outdir: target,
    minify: true,
    target: browsers,
    tsconfig: inRoot('playground/tsconfig.json'),
  });
  const files = ['index.html', 'favicon.svg'];
  const copies = files.map((name) => copy(inRoot('playground', name), join(target, name)));
  return [...outputsOf(metafile), ...(await Promise.all(copies))];
}

/** What other programs import (`fastvideo/client`, `fastvideo/player`): as it is, for their bundlers make it small. */
async function bundleClient() {
  const { metafile } = await build({
    ...shared,
    entryPoints: [inRoot('src/client/index.ts'), inRoot('src/client/player.ts')],
    outdir: inRoot('dist/client'),
    chunkNames: 'chunk-[hash]',
    splitting: true,
    target: browsers,
    plugins: [errorsOfTheLibrary],
    sourcemap: false,
  });
  // What servers give to pages at `/client.js`.
  const { metafile: module } = await build({
    ...shared,
    entryPoints: [{ in: inRoot('src/client/player.ts'), out: 'client' }],
    outdir: inRoot('dist/client/browser'),
    minify: true,
    target: browsers,
    plugins: [errorsOfTheLibrary],
  });
  const types = await writeClientTypes(['index.ts', 'player.ts']);
  return [...outputsOf(metafile), ...outputsOf(module), ...types];
}

/** The types of these modules of the client, and of those whose types they name; without TypeScript's slow checks. */
async function writeClientTypes(modules) {
  const waiting = [...modules];
  const known = new Set(waiting);
  const written = [];
  for (let module = waiting.shift(); module !== undefined; module = waiting.shift()) {
    const from = inRoot('src/client', module);
    const { outputText, diagnostics = [] } = ts.transpileDeclaration(await readFile(from, 'utf8'), {
      fileName: from,
      reportDiagnostics: true,
      compilerOptions: { isolatedDeclarations: true, declaration: true, stripInternal: true },
    });
    if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, diagnosticsHost));
    const text = outputText.replaceAll(/(from\s+|import\()'(\.[^']*)\.ts'/g, (_, how, path) => {
      const named = posix.join(posix.dirname(module), `${path}.ts`);
      if (!known.has(named)) waiting.push(named);
      known.add(named);
      return `${how}'${path}.js'`;
    });
    const to = inRoot('dist/client', module.replace(/\.ts$/, '.d.ts'));
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, text);
    written.push(to);
  }
  return written;
}

async function copyNetworks() {
  const entries = await readdir(inRoot('src'), { recursive: true });
  const networks = entries.filter((path) => path.endsWith('.onnx'));
  return await Promise.all(
    networks.map((path) => copy(inRoot('src', path), inRoot('dist/networks', basename(path)))),
  );
}

/** The licences of what is bundled want to go with it. */
async function copyLicences() {
  return await Promise.all(
    bundledPackages.map((name) =>
      copy(inRoot('node_modules', name, 'LICENSE'), inRoot('dist/licenses', `${name}.txt`)),
    ),
  );
}

/** `fastvideo man` of what was just built; without `bin/`, which an image has only later. */
async function writeManualPage() {
  const cli = JSON.stringify(pathToFileURL(inRoot('dist/cli.js')));
  const program = `import { main } from ${cli}; process.exitCode = await main(['man'], {});`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  const path = inRoot('dist', basename(manifest.man));
  await writeFile(path, stdout);
  return path;
}

async function copy(from, to) {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  return to;
}

function outputsOf(metafile) {
  return Object.keys(metafile.outputs).map((path) => join(root, path));
}

/** Chunks bear hashes, so those of an earlier build stay. They go last: a server of this checkout may be at work. */
async function removeAllBut(files) {
  const kept = new Set(files);
  const entries = await readdir(inRoot('dist'), { recursive: true, withFileTypes: true });
  const old = entries.filter(
    (entry) => !entry.isDirectory() && !kept.has(join(entry.parentPath, entry.name)),
  );
  await Promise.all(old.map(({ parentPath, name }) => rm(join(parentPath, name))));
}
