import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';
import { ourImage, read } from './deployed.ts';

const page = read('docs/deployment.md');

it('docs/deployment.md links to pages, and names files, that exist', () => {
  const links = [...page.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => join('docs', path));
  const named = [...page.matchAll(/\bdeploy\/[\w./-]*[\w-]/g)].map(([path]) => path);
  const kustomize = [...page.matchAll(/`((?:components|overlays)\/[\w-]+)`/g)].map(
    ([, path = '']) => `deploy/kubernetes/${path}`,
  );
  expect(Math.min(links.length, named.length, kustomize.length)).toBeGreaterThan(5);
  const all = new Set([...links, ...named, ...kustomize]);
  expect([...all].filter((path) => !existsSync(join(repositoryRoot, path)))).toEqual([]);
});

it('docs/deployment.md builds the images that the manifests name', () => {
  const built = [...page.matchAll(/docker build -f \S+ -t (\S+)/g)].map(([, image]) => image);
  expect(built).toEqual([ourImage('fastvideo'), ourImage('fastvideo-gpu')]);
});
