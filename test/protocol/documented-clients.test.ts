import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readText } from '../../scripts/protocol-docs/documents.ts';
import { chromium, launchChromium } from '../support/chromium.ts';
import { needs } from '../support/needs.ts';
import { pythonWithWebsockets } from '../support/python.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

const run = promisify(execFile);
const page = await readText('docs/protocol.md');

/** The first code block of the language in docs/protocol.md, its address turned to the server's. */
function example(language: string, server: ServerProcess): string {
  const code = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)?.[1];
  if (code === undefined) throw new Error(`docs/protocol.md has no ${language} example.`);
  return code.replaceAll('ws://127.0.0.1:8000', server.url.replace(/^http/, 'ws'));
}

const playedTo = (seconds: number) => `
  (({ buffered }) => buffered.length === 1 && buffered.end(0) > ${seconds})(document.querySelector('video'))
`;

describe('the client that docs/protocol.md shows', () => {
  let server: ServerProcess;
  let browser: Browser | undefined;
  beforeAll(async () => {
    server = await startServer({ command: 'mock' });
    if (chromium.path !== undefined) browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server.stop();
  });

  it('in JavaScript plays the segment in Chromium', needs(chromium), async () => {
    const tab = await browser?.newPage();
    if (tab === undefined) throw new Error('Chromium did not start.');
    // Any page of the server's origin but the playground, which has a session of its own.
    await tab.goto(`${server.url}/healthz`);
    await tab.evaluate(`document.body.append(document.createElement('video'))`);
    await tab.evaluate(example('js', server));
    // Two seconds less what the sound's last frame has not filled yet; one range, so no gap.
    await tab.waitForFunction(playedTo(1.9));
    expect(await tab.evaluate(`document.querySelector('video').error`)).toBeNull();
  });

  it('in Python writes two segments into a file that plays', needs(pythonWithWebsockets), async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fastvideo-python-'));
    try {
      const film = join(directory, 'film.mp4');
      await writeFile(join(directory, 'client.py'), example('python', server));
      const url = `${server.url.replace(/^http/, 'ws')}/v1/stream`;
      await run(pythonWithWebsockets.path ?? '', [join(directory, 'client.py'), url, film]);
      const { stdout } = await run('ffprobe', [
        ...['-v', 'error', '-select_streams', 'v', '-count_frames'],
        ...['-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', film],
      ]);
      expect(Number(stdout.trim())).toBe(240);
      expect((await readFile(film)).toString('latin1').split('moov')).toHaveLength(2);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
