import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configurationDocs } from '../../../scripts/config-docs.ts';
import { loadServeConfig } from '../../../src/core/base/config/load-serve-config.ts';
import { schemaKeys } from '../../../src/core/base/config/schema-tree.ts';
import { ServeConfigSchema } from '../../../src/core/base/config/serve-schema/serve-config.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const loadShipped = (name: string, command: 'serve' | 'mock' = 'serve') =>
  loadServeConfig({ command, cwd: root, configPath: `configs/${name}` });

describe('the files in configs/', () => {
  it('load, all of them, for serve and for mock', async () => {
    const names = (await readdir(`${root}configs`)).filter(
      (name) => name.endsWith('.yaml') && !name.startsWith('router'),
    );
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const name of names) {
      expect((await loadShipped(name)).source).toBe(`configs/${name}`);
      expect((await loadShipped(name, 'mock')).config.generator.backend).toBe('mock');
    }
  });

  it('serve.yaml is the start without a config file, written out', async () => {
    const { config } = await loadShipped('serve.yaml');
    const bare = await loadServeConfig({ command: 'serve', cwd: '/', env: { HOME: '/' } });
    expect({ ...config, streaming: null }).toEqual({ ...bare.config, streaming: null });
    expect(config.streaming).toEqual({
      ...bare.config.streaming,
      pool: { ...bare.config.streaming.pool, num_workers: 1 },
    });
  });

  it('mock.yaml adds latency', async () => {
    const { config } = await loadShipped('mock.yaml', 'mock');
    expect(config.mock).toEqual({ sleep_ms: 500, audio: true });
    expect(config.generator.model_path).toBe('mock:gradient');
  });

  it("serve-ltx2.yaml reaches the worker with the operator's generator block unchanged", async () => {
    const { config } = await loadShipped('serve-ltx2.yaml');
    const file = parse(await readFile(`${root}configs/serve-ltx2.yaml`, 'utf8'));
    expect(config.generator).toEqual(file.generator);
    expect(config.default_request).toMatchObject(file.default_request);
    expect(config.streaming).toMatchObject(file.streaming);
    expect(config.server).toMatchObject({ host: '0.0.0.0', port: 8009 });
  });
});

describe('docs/configuration.md', () => {
  it('is what scripts/write-config-docs.ts makes of the schema', async () => {
    expect(await readFile(`${root}docs/configuration.md`, 'utf8')).toBe(configurationDocs());
  });

  it('has words for every key', () => {
    const silent = [...schemaKeys(ServeConfigSchema)].filter((key) => !key.description);
    expect(silent.map((key) => key.path.join('.'))).toEqual([]);
  });
});
