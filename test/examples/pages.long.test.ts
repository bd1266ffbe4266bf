import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npm, npmRegistry, packedPackage } from '../package/npm.ts';
import { patient } from '../playground/playground-page.ts';
import { chromium, launchChromium } from '../support/chromium.ts';
import { needs } from '../support/needs.ts';
import { repositoryRoot, type ServerProcess, startServer } from '../support/server-process.ts';

const small = [
  ...['--default_request.sampling.width', '160', '--default_request.sampling.height', '96'],
  ...patient,
];
const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.html': 'text/html',
  '.css': 'text/css',
};

/** Any static web server. */
async function site(folder: string): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://site').pathname;
    const file = join(folder, path === '/' ? 'index.html' : path);
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    createReadStream(file).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

describe('the pages of examples/ in Chromium', needs(chromium), () => {
  let server: ServerProcess;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer({ command: 'mock', args: small });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function open(folder: string): Promise<{ page: Page; faults: string[]; close(): Promise<void> }> {
    const { url, close } = await site(folder);
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${url}/?server=${encodeURIComponent(server.url)}`);
    return {
      page,
      faults,
      close: async () => {
        await page.close();
        close();
      },
    };
  }

  it('page: plays, and plays what is typed', async () => {
    const { page, faults, close } = await open(join(repositoryRoot, 'examples/page'));
    const at = () => page.evaluate<number>(`document.querySelector('#player').video.currentTime`);
    await expect.poll(at).toBeGreaterThan(1);
    await page.fill('[name=words]', 'a green forest');
    await page.click('button:has-text("Show it")');
    await expect.poll(at).toBeGreaterThan(3);
    const words = await page.evaluate<string[]>(
      `document.querySelector('#player').session.segments.map(({ request }) => request.prompt)`,
    );
    expect(words.at(-1)).toBe('a green forest');
    expect(faults).toEqual([]);
    await close();
  });

  it('react: its types are right, it builds with Vite, and plays', needs(npmRegistry), async () => {
    const project = mkdtempSync(join(tmpdir(), 'fastvideo-react-'));
    try {
      cpSync(join(repositoryRoot, 'examples/react'), project, { recursive: true });
      const tarball = packedPackage(project);
      npm(['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], project);
      execFileSync('npm', ['run', 'build'], { cwd: project, stdio: 'pipe' });
      const { page, faults, close } = await open(join(project, 'dist'));
      const at = () => page.evaluate<number>(`document.querySelector('video').currentTime`);
      await expect.poll(at).toBeGreaterThan(1);
      await page.fill('[name=words]', 'a green forest');
      await page.click('button:has-text("Next segment")');
      await expect.poll(at).toBeGreaterThan(3);
      expect(faults).toEqual([]);
      await close();
    } finally {
      rmSync(project, { recursive: true, force: true });
    }
  });
});
