// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what config files say.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRouterConfig } from '../../../src/core/base/config/load-router-config.ts';
import { parseScenario } from '../../../src/core/base/config/load-scenario.ts';
import { formatEffectiveConfig } from '../../../src/core/base/config/print-config.ts';
import { load, problemsOf } from './load-from.ts';

const token = 'hush-hush-hush-hush';
const env = { TOKEN: token, PORT: '8123', KEYS: '[hush1, hush2]', PW: 'hush3', EMPTY: '', HF: '1e5' };

const loadWith = (text: string, { name = 'serve.yaml', argv = [] as string[] } = {}) =>
  load({ files: { [name]: text }, configPath: name, argv, env });

describe('environment variables in a config', () => {
  it.each([
    ['serve.yaml', 'server:\n  admin_token: ${TOKEN}\n'],
    ['serve.json', '{"server": {"admin_token": "${TOKEN}"}}'],
    ['serve.mjs', "export default { server: { admin_token: '${TOKEN}' } };"],
  ])('stand for their values in %s', async (name, text) => {
    expect((await loadWith(text, { name })).config.server.admin_token).toBe(token);
  });

  it('stand within texts, in lists, in pass-through blocks and in options', async () => {
    const text = [
      'server: {api_keys: ["a-${PW}", "${TOKEN}"]}',
      'streaming: {store: "redis://:${PW}@host/0", prompt: {provider: openai, base_url: "http://h/v1", api_key: "${PW}"}}',
      'generator: {hf_token: "${HF}"}',
    ].join('\n');
    const { config } = await loadWith(text, { argv: ['--server.admin_token', '${TOKEN}'] });
    expect(config.server.api_keys).toEqual(['a-hush3', token]);
    expect(config.server.admin_token).toBe(token);
    expect(config.streaming.store).toBe('redis://:hush3@host/0');
    expect(config.streaming.prompt.api_key).toBe('hush3');
    // A text where nothing says that it is a number.
    expect(config.generator['hf_token']).toBe('1e5');
  });

  it('are read as what the key wants', async () => {
    const { config } = await loadWith('server:\n  port: ${PORT}\n  api_keys: ${KEYS}\n');
    expect([config.server.port, config.server.api_keys]).toEqual([8123, ['hush1', 'hush2']]);
  });

  it('are told with key and name where they are not set, each once', async () => {
    const text =
      'server:\n  admin_token: ${NOBODY}\n  port: ${NONE}\n  host: ${1x}\n  output_dir: "${TOKEN"\n';
    expect(await problemsOf(loadWith(text))).toEqual([
      'serve.yaml:2:16 server.admin_token: the environment variable NOBODY is not set; set it, or write $${ for a literal ${',
      expect.stringContaining('server.port: the environment variable NONE is not set'),
      expect.stringContaining('server.host: ${1x} does not name an environment variable'),
      expect.stringContaining('server.output_dir: ${TOKEN does not name an environment variable'),
    ]);
  });

  it('may be empty, which the key may not want', async () => {
    const [problem] = await problemsOf(loadWith('server:\n  admin_token: ${EMPTY}\n'));
    expect(problem).toMatch(/server\.admin_token: must be .*16/);
  });

  it('never tell a secret that is not valid', async () => {
    const [problem] = await problemsOf(loadWith('server:\n  admin_token: ${PW}\n'));
    expect(problem).not.toContain('hush');
  });

  it('are left alone behind a second dollar sign, and $NAME always', async () => {
    const { config } = await loadWith('default_request:\n  prompt: $${TOKEN} $TOKEN $$${PW $5\n');
    expect(config.default_request.prompt).toBe('${TOKEN} $TOKEN $${PW $5');
  });

  it('are printed as they were written, but for numbers, so that no secret is shown and it loads to the same', async () => {
    const text = [
      'server: {admin_token: "${TOKEN}", api_keys: ["${PW}", "a-${PW}"], port: "${PORT}"}',
      'generator: {note: "${PW}"}',
      'default_request: {prompt: "costs $${5}"}',
    ].join('\n');
    const loaded = await loadWith(text);
    const printed = formatEffectiveConfig(loaded);
    expect(printed).not.toContain('hush');
    expect(printed).toContain('admin_token: "${TOKEN}" # serve.yaml:1');
    expect(printed).toContain('port: 8123 # serve.yaml:1, ${PORT}');
    const again = await loadWith(printed.replaceAll('[redacted]', 'a-${PW}'));
    expect(again.config).toEqual(loaded.config);
  });

  it('stand for their values in the config of a router', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'router-variables-'));
    await writeFile(
      join(cwd, 'router.yaml'),
      'router: {replicas: [{url: "http://${PW}:1"}], admin_token: "${TOKEN}"}',
    );
    const { config } = await loadRouterConfig({ configPath: 'router.yaml', cwd, env });
    expect([config.router.admin_token, config.router.replicas[0]?.url]).toEqual([token, 'http://hush3:1']);
    await rm(cwd, { recursive: true });
  });

  it('are nothing to a scenario, which may come from a client', () => {
    expect(parseScenario({ name: '${PATH}' }, 'body').name).toBe('${PATH}');
  });
});
