import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';

const folders = ['.', 'docs', 'deploy', 'configs', 'python'];
const pages = new Map<string, string>();
for (const folder of folders) {
  const entries = await readdir(join(repositoryRoot, folder), { recursive: folder !== '.' });
  for (const path of entries.filter((name) => name.endsWith('.md')).map((name) => join(folder, name)))
    pages.set(normalize(path), await readFile(join(repositoryRoot, path), 'utf8'));
}

/** Text between fences is no Markdown. */
const withoutCode = (text: string) => text.replace(/^```.*?^```$/gms, '');

/** As GitHub makes the anchor of a heading: lower case, no punctuation, dashes for spaces, `-1` for the second of a name. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

function brokenLinks(page: string, text: string): string[] {
  // Links, and pictures with or without one around them.
  const targets = [...withoutCode(text).matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map(
    ([, target = '']) => target,
  );
  return targets.filter((target) => {
    const [path = '', anchor] = target.split('#');
    const linked = path === '' ? page : normalize(join(dirname(page), path));
    if (!pages.has(linked) && !existsSync(join(repositoryRoot, linked))) return true;
    const other = pages.get(linked);
    return anchor !== undefined && (other === undefined || !anchorsOf(other).has(anchor));
  });
}

it('finds a page that is missing, and an anchor that is', () => {
  const text =
    '## What is `it`?\n[a](#what-is-it) [b](#nothing) [c](gone.md) [d](docs/router.md#none) [e](x:y)';
  pages.set('trial.md', text);
  expect(brokenLinks('trial.md', text)).toEqual(['#nothing', 'gone.md', 'docs/router.md#none']);
  pages.delete('trial.md');
});

it.each([...pages])('%s links to pages and headings that exist', (page, text) => {
  expect(brokenLinks(page, text)).toEqual([]);
});

it('reads every page', () => {
  expect([...pages.keys()]).toContain('README.md');
  expect([...pages.keys()].filter((path) => path.startsWith('docs/')).length).toBeGreaterThan(10);
});
