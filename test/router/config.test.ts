import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRouterConfig } from '../../src/core/base/config/load-router-config.ts';
import { parseOverrides } from '../../src/core/base/config/overrides.ts';
import { formatEffectiveConfig } from '../../src/core/base/config/print-config.ts';
import { RouterConfigSchema } from '../../src/core/base/config/router-schema/router-config.ts';
import { schemaKeys } from '../../src/core/base/config/schema-tree.ts';
import { problemsOf } from '../base/config/load-from.ts';
import { repositoryRoot } from '../support/server-process.ts';

async function load(text: string, ...argv: string[]) {
  const cwd = await mkdtemp(join(tmpdir(), 'fastvideo-router-config-'));
  try {
    await writeFile(join(cwd, 'router.yaml'), text);
    return await loadRouterConfig({
      cwd,
      configPath: 'router.yaml',
      overrides: parseOverrides(argv).overrides,
    });
  } finally {
    await rm(cwd, { recursive: true });
  }
}

const two = 'router: {replicas: [{url: "http://a:1"}, {url: "http://b:1"}]}\n';
const replicas = (list: string) => `router: {replicas: ${list}}\n`;

describe("the router's config file", () => {
  it("fills in the contract's defaults", async () => {
    const { config } = await load(replicas('[{url: "http://a:8000"}]'));
    expect(config.router).toMatchObject({
      host: '0.0.0.0',
      port: 9000,
      replicas: [{ url: 'http://a:8000', primary: false, weight: 1 }],
      health_check: {
        path: '/health',
        interval_seconds: 5,
        timeout_seconds: 2,
        failure_threshold: 3,
        recovery_threshold: 2,
      },
    });
  });

  it('has defaults of ours that keep the contract', async () => {
    const { config } = await load(two);
    expect(config.router).toMatchObject({ policy: 'primary', wait_seconds: 0, drain_seconds: 30 });
  });

  it('takes a replica list from the command line, as a whole', async () => {
    const { overrides } = parseOverrides(['--router.replicas', '[{url: "http://c:1", weight: 2.5}]']);
    const { config, source } = await loadRouterConfig({ overrides });
    expect(config.router.replicas).toEqual([{ url: 'http://c:1', primary: false, weight: 2.5 }]);
    expect(source).toBe('the command line');
    expect(await problemsOf(load(two, '--router.replicas.0.weight', '2'))).toEqual([
      '--router.replicas.0.weight: unknown option; did you mean "--router.replicas"?',
    ]);
  });

  it.each([
    ['no replica', replicas('[]'), 'router.yaml:1:20 router.replicas: must name at least one replica'],
    ['no list at all', '', 'router.replicas: must name at least one replica'],
    ['a URL of another scheme', replicas('[{url: "ws://a"}]'), 'must begin with http:// or https://'],
    ['no URL', replicas('[{url: "gpu-box"}]'), 'must be a URL such as "http://gpu-box:8000", not "gpu-box"'],
    ['a replica without a URL', replicas('[{name: a}]'), 'router.replicas.0.url: must be a text'],
    ['a path', replicas('[{url: "http://a/v1"}]'), 'must be a URL without a path, not "http://a/v1"'],
    ['a query', replicas('[{url: "http://a?x=1"}]'), 'must be a URL without a query'],
    ['an empty query', replicas('[{url: "http://a/?"}]'), 'must be a URL without a query'],
    ['a fragment', replicas('[{url: "http://a/#x"}]'), 'must be a URL without a fragment'],
    ['a password', replicas('[{url: "http://u:p@a"}]'), 'without a user and a password, not "http://***@a"'],
    [
      'a URL twice, written otherwise',
      replicas('[{url: "http://a"}, {url: "HTTP://A:80/"}]'),
      'router.replicas.1.url: must be a URL that no other replica has',
    ],
    [
      'a name twice',
      replicas('[{url: "http://a", name: x}, {url: "http://b", name: x}]'),
      'router.replicas.1.name: must be a name that no other replica has',
    ],
    [
      'a second primary',
      replicas('[{url: "http://a", primary: true}, {url: "http://b", primary: true}]'),
      'router.replicas.1.primary: may be true for one replica only',
    ],
    ['a negative weight', replicas('[{url: "http://a", weight: -1}]'), 'a number from 0 to 1000000, not -1'],
  ])('refuses %s', async (_, text, problem) => {
    expect(await problemsOf(load(text))).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    ['interval_seconds', '0'],
    ['interval_seconds', '-1'],
    ['timeout_seconds', '0'],
    ['failure_threshold', '0'],
    ['recovery_threshold', '0'],
    ['path', 'health'],
  ])('refuses a health_check.%s of %s', async (key, value) => {
    const option = `--router.health_check.${key}`;
    expect(await problemsOf(load(two, option, value))).toEqual([
      expect.stringMatching(new RegExp(`^${option}: must be .*, not "?${value}"?$`)),
    ]);
  });

  it('names the nearest key of an unknown one, inside the list too, with its place', async () => {
    const text = [
      'router:',
      '  prot: 1',
      '  replicas:',
      '    - url: http://a',
      '    - url: http://b',
      '      wieght: 2',
      '  health_check: {intervall_seconds: 1}',
    ].join('\n');
    expect(await problemsOf(load(text))).toEqual([
      'router.yaml:2:3 router.prot: unknown key; did you mean "port"?',
      'router.yaml:6:7 router.replicas.1.wieght: unknown key; did you mean "weight"?',
      'router.yaml:7:18 router.health_check.intervall_seconds: unknown key; did you mean "interval_seconds"?',
    ]);
  });

  it('tells the place of a wrong value in the list', async () => {
    const text = 'router:\n  replicas:\n    - url: http://a\n      primary: maybe\n';
    expect(await problemsOf(load(text))).toEqual([
      'router.yaml:4:16 router.replicas.0.primary: must be true or false, not "maybe"',
    ]);
  });

  it('is printed as a file that loads to the same values, secrets masked', async () => {
    const loaded = await load(
      'router: {replicas: [{url: "http://a:1", name: "a, b"}], health_check: {api_key: very-secret}}\n',
    );
    const printed = formatEffectiveConfig(loaded);
    expect(printed).toContain('port: 9000 # default');
    expect(printed).not.toContain('very-secret');
    const again = await load(printed.replace('"[redacted]"', 'very-secret'));
    expect(again.config).toEqual(loaded.config);
  });

  it('is explained in docs/router.md, key by key, with its defaults', async () => {
    const docs = await readFile(join(repositoryRoot, 'docs/router.md'), 'utf8');
    for (const { path, section, fallback } of schemaKeys(RouterConfigSchema)) {
      if (section) continue;
      const key = path.slice(1).join('.');
      const row = docs.split('\n').find((line) => new RegExp(`^\\| .*\`${key}\`[^|]*\\|`).test(line));
      expect(row, key).toBeDefined();
      if (fallback !== undefined) expect(row, key).toContain(String(fallback));
    }
  });

  it('has words for every key, and configs/router.yaml is one', async () => {
    const silent = [...schemaKeys(RouterConfigSchema)].filter((key) => !key.description);
    expect(silent.map((key) => key.path.join('.'))).toEqual([]);
    const { config } = await loadRouterConfig({ cwd: repositoryRoot, configPath: 'configs/router.yaml' });
    expect(config.router.replicas).toHaveLength(2);
  });
});
