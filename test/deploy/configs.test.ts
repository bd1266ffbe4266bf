import { describe, expect, it } from 'vitest';
import { deployFiles, documents, read, routerConfig, serveConfig } from './deployed.ts';

describe('the files of deploy/', () => {
  it.each(deployFiles(/\.ya?ml$/))('are YAML without a mistake: %s', (path) => {
    expect(documents(path).length).toBeGreaterThan(0);
  });

  it.each(deployFiles(/\/serve\.yaml$/))('hold configs that serve takes: %s', async (path) => {
    const { server, streaming } = await serveConfig(path);
    // In a container nobody reaches loopback.
    expect(server.host).toBe('0.0.0.0');
    expect(streaming.store).toMatch(/^redis:\/\//);
  });

  it.each(deployFiles(/\/router\.yaml$/).filter((path) => path.includes('/config/')))(
    'hold configs that router takes: %s',
    async (path) => {
      const { host, replicas, health_check, store } = await routerConfig(path);
      expect(host).toBe('0.0.0.0');
      expect(replicas.length).toBeGreaterThan(1);
      expect(health_check.path).toBe('/readyz?strict');
      expect(store).toMatch(/^redis:\/\//);
    },
  );

  it('hold no secret', () => {
    for (const path of deployFiles(/./)) {
      const set =
        /^\s*(api_keys?|admin_token|password|HF_TOKEN|\w+_API_KEY)\s*[:=]\s*["']?(?![\s$"'[{|>#])\S/m;
      expect(set.exec(read(path))?.[0], path).toBeUndefined();
    }
  });
});
