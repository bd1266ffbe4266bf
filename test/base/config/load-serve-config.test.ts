import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { streamSettings } from '../../../src/commands/server/stream-settings.ts';
import { loadServeConfig } from '../../../src/core/base/config/load-serve-config.ts';
import { sessionLimit } from '../../../src/core/base/config/serve-schema/serve-config.ts';
import { load, loadText, problemsOf } from './load-from.ts';

describe('without a config file', () => {
  it('serve runs the embedded network on loopback', async () => {
    const { config, origins, source } = await load({});
    expect(source).toBe('embedded defaults');
    expect(config.generator).toMatchObject({ model_path: 'builtin:cppn', backend: 'onnx' });
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8000 });
    expect(config.default_request.sampling).toMatchObject({
      width: 640,
      height: 352,
      fps: 24,
      num_frames: 48,
    });
    expect(origins.get('server.host')).toBe('embedded default');
    expect(origins.get('server.port')).toBe('default');
    expect(sessionLimit(config, 3)).toBe(19);
  });

  it.each(['serve', 'mock'] as const)(
    '%s caps rollouts only, unless it is told otherwise',
    async (command) => {
      const caps = async (given: Omit<Parameters<typeof load>[0], 'command'>) => {
        const { segmentCap, rolloutCap } = streamSettings((await load({ command, ...given })).config);
        return { segmentCap, rolloutCap };
      };
      const none = Number.POSITIVE_INFINITY;
      const file = (streaming: string) => ({
        files: { 'a.yaml': `streaming: ${streaming}` },
        configPath: 'a.yaml',
      });
      const said = (...argv: string[]) => ({ argv });
      const key = '--streaming.generation_segment_cap';
      expect(await caps({})).toEqual({ segmentCap: none, rolloutCap: 6 });
      expect(await caps(file('{}'))).toEqual({ segmentCap: 6, rolloutCap: 6 });
      expect(await caps(file('{generation_segment_cap: 2}'))).toEqual({ segmentCap: 2, rolloutCap: 2 });
      expect(await caps(file('{generation_segment_cap: 0}'))).toEqual({ segmentCap: none, rolloutCap: none });
      expect(await caps(file('{rollout_segment_cap: 4}'))).toEqual({ segmentCap: 6, rolloutCap: 4 });
      expect(await caps(said(key, '3'))).toEqual({ segmentCap: 3, rolloutCap: 3 });
      expect(await caps(said(key, '0'))).toEqual({ segmentCap: none, rolloutCap: none });
      expect(await caps(said('--streaming.rollout_segment_cap', '0'))).toEqual({
        segmentCap: none,
        rolloutCap: none,
      });
    },
  );

  it('mock shows the test pattern at the same size, five seconds at a time, and writes prompts by itself', async () => {
    const { config } = await load({ command: 'mock' });
    expect(config.generator).toMatchObject({ model_path: 'mock:gradient', backend: 'mock' });
    expect(config.server.host).toBe('127.0.0.1');
    expect(config.default_request.sampling).toMatchObject({
      width: 640,
      height: 352,
      fps: 24,
      num_frames: 120,
    });
    expect(config.mock.audio).toBe(true);
    expect(config.streaming.prompt).toMatchObject({ enabled: true, provider: 'echo' });
    expect(sessionLimit(config, 1)).toBe(64);
  });
});

describe('with a config file', () => {
  it("fills in the contract's defaults", async () => {
    const { config, source } = await loadText('server: {port: 8001}\n');
    expect(source).toBe('serve.yaml');
    expect(config.generator.model_path).toBe('builtin:cppn');
    expect(config.server).toMatchObject({ host: '0.0.0.0', port: 8001, output_dir: 'outputs/' });
    expect(config.default_request.sampling).toMatchObject({
      seed: 1024,
      num_frames: 125,
      height: 720,
      width: 1280,
      fps: 24,
      num_inference_steps: 50,
      guidance_scale: 1,
    });
    expect(config.streaming).toMatchObject({
      session_timeout_seconds: 300,
      generation_segment_cap: 6,
      stream_mode: 'av_fmp4',
      warmup: { enabled: true, timeout_seconds: 2400 },
      pool: { enable_audio_reencode: true, conditioning_num_frames: 9, conditioning_end_offset: 0 },
      prompt: { enabled: false, provider: 'cerebras', model: 'gpt-oss-120b', timeout_ms: 20000 },
      safety: { enabled: false },
    });
  });

  it.each([
    ['names a provider', 'streaming: {prompt: {provider: groq}}\n', true],
    ['turns prompts off', 'streaming: {prompt: {enabled: false}}\n', false],
  ])('mock obeys one that %s', async (_name, text, enabled) => {
    const { config } = await load({
      files: { 'serve.yaml': text },
      configPath: 'serve.yaml',
      command: 'mock',
    });
    expect(config.streaming.prompt.enabled).toBe(enabled);
  });

  it.each([
    ['an empty file', ''],
    ['a file of comments', '# nothing yet\n'],
    ['empty sections', 'server:\nstreaming:\n  warmup: null\n'],
  ])('takes %s as the defaults', async (_name, text) => {
    const { config } = await loadText(text);
    expect(config.server.port).toBe(8000);
    expect(config.streaming.warmup.enabled).toBe(true);
  });

  it('reads JSON, tabs included', async () => {
    const files = { 'serve.json': '{\n\t"server": {\n\t\t"port": 9001\n\t}\n}\n' };
    const { config, origins } = await load({ files, configPath: 'serve.json' });
    expect(config.server.port).toBe(9001);
    expect(origins.get('server.port')).toBe('serve.json:3');
  });

  it('reads YAML as a Python server does: yes and off, merge keys and anchors', async () => {
    const { config } = await loadText(
      [
        'generator:',
        '  engine:',
        '    offload: &off {dit: off, custom_part: no}',
        '    compile:',
        '      <<: *off',
        '      enabled: yes',
      ].join('\n'),
    );
    expect(config.generator.engine?.offload).toEqual({ dit: false, custom_part: false });
    expect(config.generator.engine?.compile).toEqual({ dit: false, custom_part: false, enabled: true });
  });

  it('keeps texts as they were written, whatever YAML takes them for', async () => {
    const { config } = await loadText(
      'generator: {revision: 0123456}\ndefault_request: {prompt: 12:30}\nserver: {api_keys: [1_000, 2001-01-01]}\n',
    );
    expect(config.generator.revision).toBe('0123456');
    expect(config.default_request.prompt).toBe('12:30');
    expect(config.server.api_keys).toEqual(['1_000', '2001-01-01']);
  });

  it('freezes the config to the last leaf', async () => {
    const { config } = await loadText('generator: {pipeline: {experimental: {list: [{a: 1}]}}}\n');
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(config)).toBe(true);
  });

  it('serves the test pattern in mock whatever model the file names', async () => {
    const files = {
      'serve.yaml': 'generator: {model_path: some/model, backend: onnx}\nserver: {port: 8010}\n',
    };
    const { config, origins } = await load({ files, configPath: 'serve.yaml', command: 'mock' });
    expect(config.generator).toMatchObject({ model_path: 'mock:gradient', backend: 'mock' });
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8010 });
    expect(config.default_request.sampling.width).toBe(1280);
    expect(origins.get('generator.model_path')).toBe('fastvideo mock');
  });

  it("keeps a mock model of the file's choice and an address that it names", async () => {
    const files = { 'a.yaml': 'generator: {model_path: "mock:"}\nserver: {host: 0.0.0.0}\n' };
    const { config } = await load({ files, configPath: 'a.yaml', command: 'mock' });
    expect(config.generator.model_path).toBe('mock:');
    expect(config.server.host).toBe('0.0.0.0');
  });
});

describe('the search for a file', () => {
  it.each([
    ['fastvideo.config.yaml', 'server: {port: 7001}'],
    ['fastvideo.config.json', '{"server": {"port": 7001}}'],
    ['.fastvideorc', 'server:\n  port: 7001'],
    ['.fastvideorc.yml', 'server:\n  port: 7001'],
  ])('finds %s', async (name, text) => {
    const { config, source } = await load({ files: { [name]: text } });
    expect(config.server.port).toBe(7001);
    expect(source).toBe(name);
  });

  it("looks into the user's config folder next, and into no folder above the working directory", async () => {
    const home = await mkdtemp(join(tmpdir(), 'fastvideo-home-'));
    onTestFinished(() => rm(home, { recursive: true }));
    const cwd = join(home, 'a');
    await mkdir(cwd);
    await writeFile(join(home, '.fastvideorc'), 'server: {port: 7001}');
    const search = () => loadServeConfig({ command: 'serve', cwd, env: { HOME: home } });
    expect((await search()).config.server.port).toBe(8000);
    const own = join(home, '.config/fastvideo');
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'config.yaml'), 'server: {port: 7002}');
    expect(await search()).toMatchObject({
      config: { server: { port: 7002 } },
      source: join(own, 'config.yaml'),
    });
  });

  it('runs no code that it finds', async () => {
    const files = {
      'fastvideo.config.mjs': 'throw new Error("run");',
      '.fastvideorc.cjs': 'throw new Error("run");',
    };
    expect((await load({ files })).config.server.port).toBe(8000);
  });

  it('refuses a file that everybody may write, unless it is named', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'fastvideo-shared-'));
    onTestFinished(() => rm(cwd, { recursive: true }));
    const file = join(cwd, '.fastvideorc');
    await writeFile(file, 'server: {port: 7001}');
    await chmod(file, 0o666);
    const options = { command: 'serve', cwd, env: {} } as const;
    await expect(loadServeConfig(options)).rejects.toThrow(/\.fastvideorc: can be written by everyone/);
    const named = await loadServeConfig({ ...options, configPath: '.fastvideorc' });
    expect(named.config.server.port).toBe(7001);
  });

  it('takes an empty file that it finds as a file', async () => {
    const { config, source } = await load({ files: { 'fastvideo.config.yaml': '' } });
    expect(source).toBe('fastvideo.config.yaml');
    expect(config.server.host).toBe('0.0.0.0');
  });

  it('names the module that cannot be loaded', async () => {
    const problems = await problemsOf(
      load({ files: { 'fastvideo.config.mjs': 'export default {' }, configPath: 'fastvideo.config.mjs' }),
    );
    expect(problems[0]).toMatch(/^fastvideo\.config\.mjs: cannot be loaded: /);
  });

  it('checks what a module exports', async () => {
    const files = { 'fastvideo.config.mjs': 'export default { server: { prot: 1, port: () => 1 } };' };
    expect(await problemsOf(load({ files, configPath: 'fastvideo.config.mjs' }))).toEqual([
      'fastvideo.config.mjs server.port: must be plain data, not [object Function]',
    ]);
  });
});
