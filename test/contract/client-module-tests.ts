import { describe, expect, it } from 'vitest';

/** `/client.js` of a server or a router: what pages of any origin load. */
export function clientModuleTests(server: () => { readonly url: string }): void {
  describe('/client.js', () => {
    const get = (headers: Record<string, string> = {}, path = '/client.js') =>
      fetch(`${server().url}${path}`, { headers: { origin: 'https://elsewhere.example', ...headers } });

    it('is a module that a page of any origin may load, also without a key', async () => {
      const response = await get();
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
      expect(response.headers.get('content-encoding')).toBe('gzip');
      expect(response.headers.get('vary')).toContain('Accept-Encoding');
      expect(await response.text()).toContain('fastvideo-player');
    });

    it('is loaded again only when it has changed', async () => {
      const first = await get();
      expect(first.headers.get('cache-control')).toBe('no-cache');
      const tag = first.headers.get('etag') ?? '';
      expect(tag).toMatch(/^"[\w-]{22}"$/);
      expect((await get({ 'if-none-match': tag })).status).toBe(304);
      expect((await get({ 'if-none-match': '"another"' })).status).toBe(200);
    });

    it('has its source map beside it', async () => {
      const response = await get({}, '/client.js.map');
      expect(await response.json()).toMatchObject({ version: 3 });
    });
  });
}
