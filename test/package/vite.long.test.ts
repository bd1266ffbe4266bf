import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patient } from '../playground/playground-page.ts';
import { chromium, launchChromium } from '../support/chromium.ts';
import { needs } from '../support/needs.ts';
import { repositoryRoot, type ServerProcess, startServer } from '../support/server-process.ts';
import { installPackage, npmRegistry } from './npm.ts';

const small = [
  ...['--default_request.sampling.width', '160', '--default_request.sampling.height', '96'],
  ...patient,
];

/** A page as somebody writes it who has read docs/client.md. */
const main = `import { attach, FastVideoError, FastVideoPlayerElement, Session, type SessionEvent } from 'fastvideo/player';

const url = new URLSearchParams(location.search).get('server') ?? '';
const video = document.querySelector('video');
if (!video) throw new Error('There is no video.');
const session = new Session({ url, reconnect: { attempts: 3 } });
attach(video, session, { live: { latency: 2 } }).subscribe((event) => console.log(event.type));
session.subscribe((event: SessionEvent) => {
  if (event.type === 'error') console.log(event.error instanceof FastVideoError, event.error.about?.segment_idx);
  if (event.type === 'frame' && event.frame.type === 'ltx2_segment_start') console.log(event.frame.prompt);
});
session.enqueue([{ prompt: 'Dunes', seed: 7 }]);
export const element: FastVideoPlayerElement | null = document.querySelector<FastVideoPlayerElement>('fastvideo-player');
`;

const html = `<!doctype html>
<title>App</title>
<video muted></video>
<script type="module" src="/main.ts"></script>
`;

const tsconfig = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2022', 'DOM', 'DOM.Iterable'],
    module: 'ESNext',
    moduleResolution: 'bundler',
    strict: true,
    exactOptionalPropertyTypes: true,
    // The package's types are looked at too.
    skipLibCheck: false,
    types: [],
    noEmit: true,
  },
  include: ['main.ts'],
};

describe('an empty Vite project with the package', needs(npmRegistry), () => {
  let project: string;
  let server: ServerProcess;
  const run = (program: string, ...args: readonly string[]) =>
    execFileSync(join(project, 'node_modules/.bin', program), args, {
      cwd: project,
      encoding: 'utf8',
      stdio: 'pipe',
    });

  beforeAll(async () => {
    project = mkdtempSync(join(tmpdir(), 'fastvideo-vite-'));
    installPackage(project, ['vite', 'typescript', 'ws']);
    writeFileSync(join(project, 'main.ts'), main);
    writeFileSync(join(project, 'index.html'), html);
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(tsconfig));
    server = await startServer({ command: 'mock', args: small });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(project, { recursive: true, force: true });
  });

  it('finds the types', () => {
    expect(run('tsc')).toBe('');
  });

  it('has the example of docs/client.md for Node make a film', () => {
    const page = readFileSync(join(repositoryRoot, 'docs/client.md'), 'utf8');
    const [, example = ''] = /### In Node[\s\S]*?```js\n([\s\S]*?)```/.exec(page) ?? [];
    writeFileSync(join(project, 'film.js'), example.replace('http://127.0.0.1:8000', server.url));
    execFileSync(process.execPath, ['film.js'], { cwd: project, stdio: 'pipe' });
    const film = readFileSync(join(project, 'lighthouse.mp4'));
    expect(film.subarray(4, 8).toString()).toBe('ftyp');
    expect(film.includes('mdat')).toBe(true);
  });

  describe('in Chromium', needs(chromium), () => {
    it('builds a page that plays', async () => {
      run('vite', 'build', '--logLevel', 'error');
      const site = createServer((request, response) => {
        const path = new URL(request.url ?? '/', 'http://site').pathname;
        const file = join(project, 'dist', path === '/' ? 'index.html' : path);
        if (!existsSync(file)) {
          response.writeHead(404).end();
          return;
        }
        response.setHeader('content-type', extname(file) === '.js' ? 'text/javascript' : 'text/html');
        createReadStream(file).pipe(response);
      });
      site.listen(0, '127.0.0.1');
      await once(site, 'listening');
      const browser = await launchChromium();
      try {
        const page = await browser.newPage();
        const { port } = site.address() as AddressInfo;
        await page.goto(`http://127.0.0.1:${port}/?server=${encodeURIComponent(server.url)}`);
        const currentTime = () => page.evaluate<number>(`document.querySelector('video').currentTime`);
        await expect.poll(currentTime).toBeGreaterThan(1.5);
      } finally {
        await browser.close();
        site.close();
      }
    });
  });
});
