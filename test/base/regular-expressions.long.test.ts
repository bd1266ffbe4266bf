import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSync } from 'recheck';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';

interface Literal {
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}

async function literalsOf(file: string): Promise<Literal[]> {
  const text = await readFile(join(repositoryRoot, file), 'utf8');
  const root = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found: Literal[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const line = root.getLineAndCharacterOfPosition(node.getStart(root)).line + 1;
      found.push({
        where: `${file}:${line}`,
        source: node.text.slice(1, end),
        flags: node.text.slice(end + 1),
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

/** It counts steps; with its limits of time, a busy machine makes an expression vulnerable. */
const untimed = {
  timeout: null,
  recallTimeout: null,
  seedingTimeout: null,
  incubationTimeout: null,
  mutationTimeout: null,
  attackTimeout: null,
};

describe('the regular expressions of the product', () => {
  it('take time that grows no faster than what they read, whatever that is', async () => {
    const files = await Promise.all(
      ['src', 'playground'].map(async (folder) =>
        (await readdir(join(repositoryRoot, folder), { recursive: true }))
          .filter((file) => /\.tsx?$/.test(file))
          .map((file) => join(folder, file)),
      ),
    );
    const literals = (await Promise.all(files.flat().map(literalsOf))).flat();
    expect(literals.length).toBeGreaterThan(100);
    const slow = literals.flatMap(({ where, source, flags }) => {
      const result = checkSync(source, flags, untimed);
      return result.status === 'safe' ? [] : [`${where} /${source}/${flags}: ${result.status}`];
    });
    expect(slow).toEqual([]);
  });
});
