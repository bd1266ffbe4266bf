import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installPeer } from '../../bench/peer/install.ts';
import { standInLines, standIns } from '../../bench/peer/stand-ins.ts';
import { docsPath } from '../../bench/peer/write-docs.ts';
import { BenchError } from '../../bench/support/bench-error.ts';
import { repositoryRoot } from '../support/server-process.ts';

describe('the stand-ins for modules of the peer', () => {
  it('are told as they lie in their folder, in the docs as well', async () => {
    const files = await readdir(join(repositoryRoot, 'bench/peer/stand-ins'));
    const all = await standIns();
    expect(all.map(({ module }) => `${module}.py`)).toEqual(files.sort());
    const page = await readFile(docsPath, 'utf8');
    const told = /Stand-ins[^\n]*\n\n((?:- .*\n)+)/.exec(page)?.[1] ?? '';
    expect(told.trim().split('\n')).toEqual(standInLines(all));
  });
});

describe('installing the peer', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fastvideo-test-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it.each([
    ['is missing', '/nowhere/python3'],
    ['is not what is needed', process.execPath],
  ])('says in one line that Python %s', async (_, python) => {
    const failed = installPeer({ python, directory: join(directory, 'peer') });
    const error: unknown = await failed.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BenchError);
    const { message } = error as BenchError;
    expect(message).toContain(python);
    expect(message).toContain('needs Python 3.11 or later with its venv module');
    expect(message).not.toContain('\n');
    expect(message).toMatch(/It said: ./);
  });
});
