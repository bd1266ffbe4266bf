import { describe, expect, it } from 'vitest';
import { chromium, launchChromium } from '../support/chromium.ts';
import { needs } from '../support/needs.ts';
import { quick, readyServer } from './servers.ts';

describe('/docs in a browser', needs(chromium), () => {
  it('lists the routes at a host name that is not loopback, over plain HTTP', async () => {
    await using server = await readyServer('mock', [...quick, '--server.allowed_hosts', '["gpu-box"]']);
    const browser = await launchChromium(['--host-resolver-rules=MAP gpu-box 127.0.0.1']);
    try {
      const page = await browser.newPage();
      const faults: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text());
      });
      await page.goto(`http://gpu-box:${new URL(server.url).port}/docs`);
      await page.locator('.opblock-summary-path', { hasText: '/healthz' }).waitFor();
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
