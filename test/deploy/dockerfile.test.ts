import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { repositoryRoot, startServer } from '../support/server-process.ts';
import { context, inContext } from './build-context.ts';
import { read, textAt } from './deployed.ts';

const run = promisify(execFile);
const cpu = read('deploy/docker/Dockerfile');
const gpu = read('deploy/docker/Dockerfile.gpu');
const both = [
  ['Dockerfile', cpu],
  ['Dockerfile.gpu', gpu],
] as const;
const packageJson: unknown = JSON.parse(read('package.json'));
const version = textAt(packageJson, 'version');

describe('.dockerignore', () => {
  it('has no line that these tests do not understand', () => {
    expect(context.unknownLines).toEqual([]);
  });

  it('names nothing that is not there', () => {
    expect(context.taken.filter((path) => !existsSync(join(repositoryRoot, path)))).toEqual([]);
  });

  it.each(['.git', 'node_modules', 'dist', 'test', 'docs', 'fixtures'])(
    'keeps %s out of the context',
    (path) => {
      expect(inContext(path)).toBe(false);
    },
  );
});

describe('Dockerfile', () => {
  it.each(both)('%s copies only what is in the context', (_, text) => {
    const copies = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' '),
    );
    expect(copies.filter((path) => !inContext(path))).toEqual([]);
    if (text === cpu) expect(copies.length).toBeGreaterThan(8);
  });

  it('copies all that npm ci reads before it runs', () => {
    const before = cpu.slice(0, cpu.indexOf('RUN npm ci'));
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) expect(before).toContain(` ${name} `);
  });

  it('brings what the package is published with, but for documents and deploy/', () => {
    const published = (packageJson as { files: string[] }).files.filter(
      (path) => !/^(deploy|docs|CHANGELOG\.md|!.*|dist\/.*)$/.test(path),
    );
    expect(published.filter((path) => !cpu.includes(`COPY ${path} `) && path !== 'dist')).toEqual([]);
    expect(cpu).toContain('COPY --from=build /app/dist dist');
  });

  it.each(both)(
    '%s says its version, runs as a user that has a number, and reaps what workers leave',
    (_, text) => {
      expect(text).toContain(`org.opencontainers.image.version="${version}"`);
      expect(text).toContain('\nUSER 1000:1000\n');
      expect(text).toContain('\nENTRYPOINT ["tini", "--", "fastvideo"]\n');
      expect(text).toContain('CMD ["node", "/app/healthcheck.mjs"]');
      expect(text).toContain('ORT_DISABLE_TELEMETRY=1');
    },
  );

  it('takes the CPU image of this version for the GPU image', () => {
    expect(gpu).toContain(`ARG APP_IMAGE=fastvideo:${version}\n`);
  });
});

describe('healthcheck.mjs', () => {
  const check = async (url: string) => {
    const script = join(repositoryRoot, 'deploy/docker/healthcheck.mjs');
    return await run(process.execPath, [script, url]).then(
      () => 'healthy',
      (error: { code: number; stderr: string }) => `${error.code} ${error.stderr.replace(url, 'URL').trim()}`,
    );
  };

  it('ends with 0 for a server that is up, and with 1 and the reason for any other answer', async () => {
    const server = await startServer({ command: 'mock' });
    try {
      expect(await check(`${server.url}/healthz`)).toBe('healthy');
      expect(await check(`${server.url}/nothing-here`)).toBe('1 URL: HTTP 404');
    } finally {
      await server.stop();
    }
    expect(await check(`${server.url}/healthz`)).toMatch(/^1 URL: connect ECONNREFUSED/);
  });
});
