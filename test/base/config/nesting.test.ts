import { describe, expect, it } from 'vitest';
import { load } from './load-from.ts';

describe('a config that is nested absurdly deep', () => {
  it.each([
    ['in brackets', `server: ${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['in braces that are left open', '{a: '.repeat(20_000)],
    ['in dashes', `${'- '.repeat(20_000)}a`],
    ['in keys', `${'? '.repeat(20_000)}a`],
    ['line by line', Array.from({ length: 300 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
  ])('is told as such: %s', async (_, text) => {
    const loaded = load({ files: { 'serve.yaml': text }, configPath: 'serve.yaml' });
    await expect(loaded).rejects.toThrow(
      /serve\.yaml:\d+: nested too deeply; a config has at most 64 levels$/,
    );
  });

  it('is told of an option too', async () => {
    const argv = ['--server.allowed_origins', '['.repeat(20_000)];
    await expect(load({ argv })).rejects.toThrow(/^--server\.allowed_origins: must be a list/m);
  });
});
