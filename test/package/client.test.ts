import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';

const folder = join(repositoryRoot, 'dist/client');
const modules = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /\.(?:js|d\.ts)$/.test(path),
);
const text = (path: string) => readFileSync(join(folder, path), 'utf8');

describe('the client library', () => {
  it('imports nothing but its own modules, in code as in types', () => {
    expect(modules).toEqual(expect.arrayContaining(['index.js', 'player.js', 'index.d.ts', 'player.d.ts']));
    const foreign = modules.flatMap((path) =>
      [...text(path).matchAll(/\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g)]
        .map(([, name = '']) => name)
        .filter((name) => !name.startsWith('./') && !name.startsWith('../'))
        // Doc comments show how it is imported.
        .filter((name) => !name.startsWith('fastvideo/')),
    );
    expect(foreign).toEqual([]);
  });

  it('names nothing of Node', () => {
    const code = modules.filter((path) => path.endsWith('.js')).map(text);
    const names = [...builtinModules.map((name) => `"${name}"`), 'node:', 'process.', 'Buffer.'];
    expect(names.filter((name) => code.some((source) => source.includes(`from ${name}`)))).toEqual([]);
    expect(code.filter((source) => /\b(?:process|Buffer|require)\b[.(]/.test(source))).toEqual([]);
  });

  it('loads where there is no page and no WebSocket, and says so when one is needed', async () => {
    const { Session } = (await import(join(folder, 'index.js'))) as {
      readonly Session: new (options: object) => unknown;
    };
    expect(() => new Session({ url: 'nonsense' })).toThrow('url is "nonsense"');
    expect(await import(join(folder, 'player.js'))).toHaveProperty('attach');
  });

  it('is as small as docs/client.md says: 16 kB over the wire', () => {
    const module = readFileSync(join(folder, 'browser/client.js'));
    expect(module.length).toBeLessThan(45_000);
    expect(gzipSync(module).length).toBeLessThan(16_500);
  });
});
