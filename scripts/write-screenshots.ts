/** Takes the pictures in docs/images: `npm run screenshots`. Needs `npm run build` and a Chromium. */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launchChromium } from '../test/support/chromium.ts';
import { startServer } from '../test/support/server-process.ts';
import { waitFor } from '../test/support/wait-for.ts';
import { openTerminal } from '../test/tui/terminal.ts';
import { terminalSvg } from './screenshots/terminal-svg.ts';

const folder = fileURLToPath(new URL('../docs/images/', import.meta.url));
const prompts = ['Violet and gold', 'Turquoise over black', 'Embers: red, amber and smoke'];
const size = { columns: 100, rows: 18 };

await mkdir(folder, { recursive: true });
await using server = await startServer({
  command: 'serve',
  args: ['--streaming.pool.num_workers', '2', '--default_request.sampling.num_frames', '96'],
});
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 }, colorScheme: 'dark' });
  page.setDefaultTimeout(300_000);
  await page.goto(server.url);
  for (const prompt of prompts) {
    await page.getByLabel('Prompt', { exact: true }).fill(prompt);
    await page.keyboard.press('Enter');
  }
  // The second segment plays while the third is generating.
  const played = () => page.evaluate<number>('document.querySelector("video").currentTime');
  await waitFor('second segment on the screen', async () => (await played()) > 5);
  await page.screenshot({ path: `${folder}playground.jpg`, type: 'jpeg', quality: 80 });

  await using terminal = openTerminal({ ...size, args: ['--url', server.url] });
  await page.getByLabel('Prompt', { exact: true }).fill('Neon rain at night');
  await page.keyboard.press('Enter');
  await terminal.shows(/\b[34] seg|generating|segment/i);
  const svg = await terminalSvg(terminal.written(), size.columns, size.rows);
  // A port of this run means nothing to a reader.
  await writeFile(`${folder}dashboard.svg`, svg.replaceAll(new URL(server.url).host, '127.0.0.1:8000'));
} finally {
  await browser.close();
}
