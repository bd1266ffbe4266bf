import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { quick, readyServer } from './servers.ts';

const appOrigin = 'https://app.example.org';
const key = { authorization: 'Bearer a-key' };

describe('a web app', () => {
  let directory: string;
  let server: ServerProcess;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fastvideo-app-'));
    await mkdir(join(directory, 'assets'));
    await writeFile(join(directory, 'index.html'), '<title>my app</title>');
    await writeFile(join(directory, 'assets', 'a b.js'), 'hello()');
    await mkdir(join(directory, 'help'));
    await writeFile(join(directory, 'help', 'index.html'), '<title>help</title>');
    await writeFile(join(directory, 'about.html'), '<title>about</title>');
    await writeFile(join(directory, 'status.html'), '<title>state</title>');
    await writeFile(join(directory, 'assets', 'index-DkR3x9Qa.js'), 'hashed()');
    await writeFile(join(directory, 'assets', 'playground.js'), 'named()');
    await writeFile(join(directory, ':id*%41.js'), 'odd()');
    await writeFile(join(directory, '.env'), 'SECRET=1');
    await symlink('/etc/passwd', join(directory, 'passwd.txt'));
    await symlink('/etc', join(directory, 'etc'));
    await symlink('/', join(directory, 'assets', 'everything'));
    await symlink('.', join(directory, 'again'));
    await symlink('assets/a b.js', join(directory, 'inside.js'));
    await symlink('assets/a b.js', join(directory, 'moved.js'));
    await symlink('nowhere', join(directory, 'dangling.js'));
    const origins = ['--server.allowed_origins', `["${appOrigin}"]`];
    const args = [...quick, ...origins, '--static', directory, '--server.api_keys', '["a-key"]'];
    server = await readyServer('mock', args);
  });
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });

  const allowed = async (origin: string, init: RequestInit = {}) => {
    const response = await fetch(`${server.url}/healthz`, { ...init, headers: { ...init.headers, origin } });
    return response.headers.get('access-control-allow-origin');
  };

  it('of another origin may read the answers where the operator allows its origin', async () => {
    expect(await allowed(appOrigin)).toBe(appOrigin);
    expect(await allowed('http://localhost:5173')).toBe('http://localhost:5173');
    expect(await allowed('https://evil.example.org')).toBeNull();
  });

  it('of another origin may post JSON after a preflight', async () => {
    const response = await fetch(`${server.url}/curated-presets/append`, {
      method: 'OPTIONS',
      headers: {
        origin: appOrigin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-methods')).toContain('POST');
    expect(response.headers.get('access-control-allow-headers')).toContain('content-type');
  });

  it('is served at / in place of the playground, also to those without a key', async () => {
    expect(await (await fetch(server.url)).text()).toContain('my app');
    expect(await (await fetch(`${server.url}/assets/a%20b.js`)).text()).toBe('hello()');
    expect((await fetch(`${server.url}/status`)).status).toBe(401);
    expect((await fetch(`${server.url}/..%2f..%2fetc/passwd`)).status).toBeGreaterThanOrEqual(400);
  });

  it('is served with its folders and odd names', async () => {
    expect(await (await fetch(`${server.url}/help/`)).text()).toContain('help');
    expect(await (await fetch(`${server.url}/:id*%2541.js`)).text()).toBe('odd()');
    expect((await fetch(`${server.url}/nothing.js`, { headers: key })).status).toBe(404);
  });

  it('has pages without their .html, behind the routes of the server', async () => {
    expect(await (await fetch(`${server.url}/about`)).text()).toContain('about');
    expect(await (await fetch(`${server.url}/status.html`)).text()).toContain('state');
    expect(await (await fetch(`${server.url}/status`, { headers: key })).json()).toHaveProperty('gpu_status');
  });

  it('is kept by browsers where the name of a file changes with what is in it', async () => {
    const cached = async (path: string) => (await fetch(`${server.url}${path}`)).headers.get('cache-control');
    expect(await cached('/assets/index-DkR3x9Qa.js')).toBe('public, max-age=31536000, immutable');
    for (const path of ['/', '/about', '/assets/playground.js']) expect(await cached(path)).toBe('no-cache');
  });

  it('is not left through a link, while links inside of it work', async () => {
    expect(await (await fetch(`${server.url}/inside.js`)).text()).toBe('hello()');
    await rm(join(directory, 'moved.js'));
    await symlink('/etc/passwd', join(directory, 'moved.js'));
    for (const path of [
      'passwd.txt',
      'moved.js',
      'dangling.js',
      'etc/passwd',
      'assets/everything/etc/passwd',
      'again/again/passwd.txt',
      '.env',
    ]) {
      expect([path, (await fetch(`${server.url}/${path}`, { headers: key })).status]).toEqual([path, 404]);
    }
  });

  it('must be there', async () => {
    await expect(readyServer('mock', [...quick, '--static', '/no/such/app'])).rejects.toThrow(
      /\/no\/such\/app cannot be read: there is no such file or folder; name the folder of a built web app/,
    );
  });
});

describe('curated presets', () => {
  it('are the shipped ones where those of the operator cannot be there, and no answer names the place', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fastvideo-presets-'));
    await writeFile(join(directory, 'file'), '');
    const path = join(directory, 'file', 'presets.json');
    await using server = await readyServer('mock', [...quick, '--server.curated_presets_path', path]);
    const listed = await fetch(`${server.url}/curated-presets`);
    expect(listed.status).toBe(200);
    expect(await listed.json()).toMatchObject({ count: 3 });
    const refused = await fetch(`${server.url}/curated-presets/append`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'x', label: 'X', segment_prompts: ['a', 'b'] }),
    });
    expect(refused.status).toBe(500);
    expect(await refused.text()).not.toContain(directory);
    await rm(directory, { recursive: true });
  });

  it('are the shipped ones, and those that were added, which a restart keeps', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fastvideo-presets-'));
    const path = join(directory, 'deep', 'presets.json');
    const args = [...quick, '--server.curated_presets_path', path];
    const append = (url: string, body: object) =>
      fetch(`${url}/curated-presets/append`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const preset = { id: ' My First! ', label: ' Mine ', segment_prompts: ['a', ' ', 'b'] };
    {
      await using server = await readyServer('mock', args);
      const shipped = (await (await fetch(`${server.url}/curated-presets`)).json()) as { count: number };
      expect(shipped).toMatchObject({
        count: 3,
        file_path: basename(path),
        fallback_file_path: 'curated-presets.json',
        presets: [{ id: 'lighthouse_storm' }, { id: 'fox_winter' }, { id: 'neon_market' }],
      });
      const answer = await append(server.url, preset);
      expect(await answer.json()).toMatchObject({
        type: 'curated_preset_appended',
        preset: { id: 'my_first', label: 'Mine', segment_prompts: ['a', 'b'] },
        count: 4,
      });
      expect((await append(server.url, preset)).status).toBe(409);
      for (const wrong of [
        { ...preset, id: '!!!' },
        { ...preset, id: 'two', label: ' ' },
        { ...preset, id: 'two', segment_prompts: ['only one', ' '] },
        { ...preset, id: 'two', more: 1 },
      ]) {
        expect((await append(server.url, wrong)).status, JSON.stringify(wrong)).toBe(400);
      }
      const many = await Promise.all(
        Array.from({ length: 10 }, (_, index) => append(server.url, { ...preset, id: `at once ${index}` })),
      );
      expect(many.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    }
    expect(JSON.parse(await readFile(path, 'utf8'))).toHaveLength(11);
    await using again = await readyServer('mock', args);
    expect(await (await fetch(`${again.url}/curated-presets`)).json()).toMatchObject({ count: 14 });
    await writeFile(path, '{"not": "a list"}');
    const broken = await fetch(`${again.url}/curated-presets`);
    expect(broken.status).toBe(500);
    expect(await broken.json()).toMatchObject({
      message: expect.stringContaining('[path] is not a list of presets'),
    });
    await rm(directory, { recursive: true });
  });
});
