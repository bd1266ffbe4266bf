import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { chromium, launchChromium } from '../support/chromium.ts';
import { needs } from '../support/needs.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { PlaygroundPage, patient } from './playground-page.ts';

const quick = [
  ...['--default_request.sampling.width', '128', '--default_request.sampling.height', '96'],
  ...['--default_request.sampling.num_frames', '12'],
  ...patient,
];

describe('the section "Trouble" of the playground', needs(chromium), () => {
  let browser: Browser;
  let server: ServerProcess;

  beforeAll(async () => {
    browser = await launchChromium();
    server = await startServer({ command: 'mock', args: quick });
  });
  afterEach(async () => put({}));
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function put(scenario: unknown): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    await fetch(`${server.url}/mock/scenario`, { method: 'PUT', headers, body: JSON.stringify(scenario) });
  }

  async function holding(): Promise<Record<string, unknown>> {
    const response = await fetch(`${server.url}/mock/scenario`);
    return ((await response.json()) as { scenario: Record<string, unknown> }).scenario;
  }

  async function openPanel(playground: PlaygroundPage): Promise<void> {
    await playground.page.getByText('Trouble', { exact: true }).click();
    await playground.page.getByLabel('Scenario', { exact: true }).waitFor();
  }

  const state = (playground: PlaygroundPage, words: string) =>
    playground.page.getByRole('status').filter({ hasText: words }).waitFor();

  test('is not there on a server that is no mock, and the page asks without a fault', async () => {
    await using real = await startServer({ command: 'serve', args: patient });
    await using playground = await PlaygroundPage.open(browser, real.url);
    await playground.page.waitForLoadState('networkidle');
    expect(await playground.page.getByText('Trouble', { exact: true }).isVisible()).toBe(false);
    expect(playground.faults).toEqual([]);
  });

  test('puts a ready-made scenario in force and ends it, and the page shows what comes of it', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    await openPanel(playground);
    await state(playground, 'No trouble is active.');
    await playground.page.getByLabel('Scenario', { exact: true }).selectOption('safety-away');
    expect(await playground.page.locator('#trouble-description').textContent()).toMatch(/none is made/);
    await playground.button('Apply').click();
    await state(playground, 'Active now: safety-away.');
    expect(await holding()).toMatchObject({ name: 'safety-away', safety: { unavailable: true } });
    await playground.page.getByLabel('Prompt', { exact: true }).focus();
    await playground.type('a fox');
    await playground.waitForAlert(/could not be checked/);
    await playground.button('Clear trouble').click();
    await state(playground, 'No trouble is active.');
    await playground.page.getByLabel('Prompt', { exact: true }).focus();
    await playground.type('a dog');
    await playground.segments('done', 1);
    expect(playground.faults).toEqual([]);
  });

  test('takes single values, changed with the keyboard alone', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url);
    const { page } = playground;
    const summary = page.locator('#trouble > summary');
    await summary.waitFor();
    await summary.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('flaky');
    await state(playground, 'No trouble is active.');
    const frame = page.getByLabel('dies at frame');
    await frame.waitFor();
    await frame.focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('5');
    await page.keyboard.press('Enter');
    await state(playground, 'Active now: own values.');
    expect(await holding()).toMatchObject({ worker: { dies_at_frame: 5, segment: 2, times: 1 } });
    expect(await page.getByLabel('Scenario', { exact: true }).inputValue()).toBe('own values');
  });

  test('says what is wrong with a value, marks it, and leaves what holds alone', async () => {
    await put('no-gpu');
    await using playground = await PlaygroundPage.open(browser, server.url);
    await openPanel(playground);
    await state(playground, 'Active now: no-gpu.');
    const ahead = playground.page.getByLabel('ahead (sessions)');
    await ahead.fill('-1');
    await playground.button('Apply').click();
    await playground.waitForAlert('queue.ahead: must be a whole number from 0 to 1000, not -1');
    expect(await ahead.getAttribute('aria-invalid')).toBe('true');
    expect(await playground.page.evaluate('document.activeElement.id')).toBe('trouble-queue-ahead');
    expect(await holding()).toMatchObject({ name: 'no-gpu' });
    await ahead.fill('1');
    await playground.button('Apply').click();
    await state(playground, 'Active now: own values.');
    expect(await ahead.getAttribute('aria-invalid')).toBeNull();
  });

  test('works with the key that the page was given', async () => {
    const args = [...patient, '--server.api_keys', '["open sesame"]'];
    await using closed = await startServer({ command: 'mock', args });
    await using open = await PlaygroundPage.open(browser, `${closed.url}/?api_key=open%20sesame`);
    await openPanel(open);
    await open.button('Apply').click();
    await state(open, 'No trouble is active.');
    expect(open.faults).toEqual([]);
  });

  test('has a name for each control, and fits on a phone', async () => {
    await using playground = await PlaygroundPage.open(browser, server.url, { width: 360, height: 740 });
    await openPanel(playground);
    const nameless = await playground.page.evaluate(`(() => {
      for (const section of document.querySelectorAll('#trouble details')) section.open = true;
      return [...document.querySelectorAll('#trouble :is(input, select)')]
        .filter((control) => control.labels.length !== 1 || control.labels[0].textContent.trim() === '')
        .map((control) => control.id);
    })()`);
    expect(nameless).toEqual([]);
    expect(await playground.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });
});
