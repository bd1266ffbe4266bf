import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { startServer } from '../support/server-process.ts';
import { eventually } from '../support/wait-for.ts';

const linux = {
  path: process.platform === 'linux' ? process.execPath : undefined,
  remedy: 'A browser can be named in BROWSER on Linux only: run this test there.',
};

describe('--open', needs(linux), () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fastvideo-open-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('opens the page of the server in the browser', async () => {
    const browser = join(folder, 'browser');
    const opened = join(folder, 'opened');
    await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > "${opened}"\n`);
    await chmod(browser, 0o755);
    await using server = await startServer({ command: 'mock', args: ['--open'], env: { BROWSER: browser } });
    await eventually(async () => expect(await readFile(opened, 'utf8')).toBe(server.url));
  });

  it('says the address where there is no browser, and goes on', async () => {
    const env = { BROWSER: '', DISPLAY: '', WAYLAND_DISPLAY: '', PATH: folder };
    await using server = await startServer({ command: 'mock', args: ['--open'], env });
    await eventually(() =>
      expect(server.stderr()).toContain(`no browser could be opened: open ${server.url} yourself`),
    );
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});
