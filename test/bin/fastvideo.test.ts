import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';

interface Program extends AsyncDisposable {
  readonly folder: string;
  /** Runs it to its end. */
  run(options?: { readonly cwd: string }): Promise<{ readonly code: number; readonly stderr: string }>;
}

/** The program's first file beside a `dist/cli.js` that holds this text; without one where it is undefined. */
async function programWith(cli: string | undefined): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'fastvideo-bin-'));
  const bin = join(folder, 'bin/fastvideo.js');
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'dist'));
  await copyFile(resolve(repositoryRoot, 'bin/fastvideo.js'), bin);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  if (cli !== undefined) await writeFile(join(folder, 'dist/cli.js'), cli);
  return {
    folder,
    run: (options = { cwd: folder }) =>
      new Promise((done) => {
        execFile(process.execPath, [bin], options, (error, _, stderr) =>
          done({ code: Number(error?.code ?? 0), stderr }),
        );
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

describe('bin/fastvideo.js', () => {
  it.each([
    [
      'without a build',
      undefined,
      /^fastvideo: Cannot find module '.*cli\.js'.*; run "npm ci" and "npm run build" in the checkout\.\n$/,
    ],
    [
      'that cannot open its files',
      `throw Object.assign(new Error("EMFILE: too many open files, open 'x'"), { code: 'EMFILE' });`,
      /^fastvideo: EMFILE: too many open files, open 'x'; raise the limit on open files \(ulimit -n\)\.\n$/,
    ],
  ])('says in one line what is wrong with a program %s', async (_, cli, line) => {
    await using program = await programWith(cli);
    expect(await program.run()).toEqual({ code: 1, stderr: expect.stringMatching(line) });
  });

  it('says in one line that the working directory has gone', async () => {
    await using program = await programWith('process.cwd();');
    const cwd = join(program.folder, 'gone');
    await mkdir(cwd);
    const script = `rmdir ${cwd} && exec ${process.execPath} ${join(program.folder, 'bin/fastvideo.js')}`;
    const ended = await new Promise((done) => {
      execFile('sh', ['-c', script], { cwd }, (error, _, stderr) => done([error?.code, stderr]));
    });
    expect(ended).toEqual([
      1,
      'fastvideo: the working directory is not there any more; change into one that is.\n',
    ]);
  });

  it('says so when nothing is left that could end the command', async () => {
    await using program = await programWith('export const main = () => new Promise(() => {});');
    const { code, stderr } = await program.run();
    expect(code).toBe(1);
    expect(stderr).toContain('fastvideo: this is a bug of ours: it waited for something');
  });

  it.each([0, 3])('ends with the exit code %i that a command asks for at once', async (code) => {
    const cli = `export const main = async (_, { exitNow }) => exitNow(${code});`;
    await using program = await programWith(cli);
    expect(await program.run()).toEqual({ code, stderr: '' });
  });

  it('does not wait for what a command that failed has left open', async () => {
    await using program = await programWith(
      'export const main = async () => (setInterval(() => {}, 1000), 2);',
    );
    expect(await program.run()).toEqual({ code: 2, stderr: '' });
  });
});

describe('the built program', () => {
  // Node opens all modules of one import at once: with a chunk for each small module they are too many.
  it.each(['serve', 'mock', 'router --router.replicas \'[{url: "http://127.0.0.1:1"}]\''])(
    'loads %s with 64 open files',
    async (command) => {
      const bin = resolve(repositoryRoot, 'bin/fastvideo.js');
      const program = `ulimit -n 64 && exec "${process.execPath}" "${bin}" ${command} --print-config`;
      const ended = await promisify(execFile)('sh', ['-c', program], { cwd: tmpdir() }).then(
        ({ stdout }) => stdout,
        ({ stderr }: { readonly stderr: string }) => stderr,
      );
      expect(ended).toMatch(/^# from /);
    },
  );
});
