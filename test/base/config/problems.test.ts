import { describe, expect, it } from 'vitest';
import { load, loadText, problemsOf } from './load-from.ts';

async function problems(text: string, ...argv: string[]): Promise<string[]> {
  return problemsOf(loadText(text, ...argv));
}

describe('problems of a config', () => {
  it('are told all at once, in the order of the file, with line and column', async () => {
    const text = [
      'server:',
      '  prot: 80',
      '  port: 99999',
      'port: 12',
      'streaming:',
      '  warmup: {timeout_secnds: 3}',
      '  stream_mode: mp4',
      '  safety: {enabled: true}',
      'default_request:',
      '  sampling: {width: 1.5, num_frame: 3, fps: .nan}',
    ].join('\n');
    expect(await problems(text, '--server.drain_seconds=soon')).toEqual([
      'serve.yaml:2:3 server.prot: unknown key; did you mean "port"?',
      'serve.yaml:3:9 server.port: must be a whole number from 0 to 65535, not 99999',
      'serve.yaml:4:1 port: unknown key; did you mean "server.port"?',
      'serve.yaml:6:12 streaming.warmup.timeout_secnds: unknown key; did you mean "timeout_seconds"?',
      'serve.yaml:7:16 streaming.stream_mode: must be "av_fmp4" or "legacy_jpeg", not "mp4"',
      'serve.yaml:8:3 streaming.safety.classifier_path: must name the model file of the classifier while streaming.safety.enabled is true',
      'serve.yaml:10:21 default_request.sampling.width: must be an even whole number from 16 to 8192, not 1.5',
      'serve.yaml:10:26 default_request.sampling.num_frame: unknown key; did you mean "num_frames"?',
      'serve.yaml:10:45 default_request.sampling.fps: must be a number from 1 to 240, not "NaN"',
      '--server.drain_seconds: must be a number from 0 to 2000000, not "soon"',
    ]);
  });

  it('count them in the headline', async () => {
    await expect(loadText('a: 1\nb: 2\n')).rejects.toThrow(/^2 problems in the configuration:\n/);
    await expect(loadText('a: 1\n')).rejects.toThrow(/^1 problem in the configuration:\n/);
  });

  it('are told up to a hundred', async () => {
    const keys = Array.from({ length: 150 }, (_, index) => `k${index}: 1\n`);
    const lines = await loadText(keys.join('')).catch((error: Error) => error.message.split('\n'));
    expect(lines).toHaveLength(101);
    expect(lines).toMatchObject({
      0: '150 problems in the configuration, the first 100 are:',
      1: expect.stringMatching(/^serve\.yaml:1:1 k0: unknown key; /),
      100: expect.stringMatching(/^serve\.yaml:100:1 k99: unknown key; /),
    });
  });

  it.each([
    ['server: [1', /^serve\.yaml:1:\d+: not valid YAML: /],
    [
      'server:\n  port: 1\n  port: 2\n',
      /^serve\.yaml:3:3: port appears twice in the same mapping; keep one$/,
    ],
    ['server: {port: 1}\n---\nserver: {}\n', /^serve\.yaml:2:1: a second document begins here/],
    ['- server\n', /^serve\.yaml:1:1: must be a mapping of sections such as "server:", not \["server"\]$/],
    ['just text', /must be a mapping of sections/],
    ['server: *nowhere\n', /^serve\.yaml: .*nowhere/],
    [
      'generator: &g {pipeline: {experimental: *g}}\n',
      /generator: contains itself, or is nested too deeply$/,
    ],
    [
      'server: 8000\n',
      /^serve\.yaml:1:9 server: must be a mapping with keys such as host, port, .*, not 8000$/,
    ],
    ['streaming: {warmup: {enabled: "true"}}\n', /enabled: must be true or false, not "true"$/],
    ['server: {port: 80.5}\n', /must be a whole number from 0 to 65535, not 80\.5$/],
    ['server: {allowed_origins: [{}]}\n', /allowed_origins: must be a list in which each item is a text/],
    ['"__proto__": {a: 1}\n', /__proto__: unknown key/],
    ['generator: {engine: {"__proto__": {a: 1}}}\n', /generator\.engine\.__proto__: unknown key/],
    ['streaming: {store: "files:x"}\n', /store: must be "memory:", "file:DIRECTORY", .*, not "files:x"$/],
  ])('name the place in %j', async (text, line) => {
    const [first, ...others] = await problems(text);
    expect(first).toMatch(line);
    expect(others).toEqual([]);
  });

  it('name the file that is missing', async () => {
    expect(await problemsOf(load({ configPath: 'nope.yaml' }))).toEqual(['nope.yaml: there is no such file']);
  });

  it('never show a secret, nor the password of a URL', async () => {
    const lines = await problems(
      'server: {api_keys: hush1}\nstreaming: {store: "rediss//u://u:hush2@host/0"}\n',
    );
    expect(lines).toHaveLength(2);
    expect(lines.join('\n')).not.toMatch(/hush/);
  });

  it('name the option that gave the value', async () => {
    const argv = [
      '--server.prt',
      '3',
      '--foo.bar',
      '3',
      '--server.allowed_origins',
      '[1',
      '--streaming.warmup',
      '{foo: 1}',
    ];
    expect(await problems('', ...argv)).toEqual([
      '--server.prt: unknown option; did you mean "--server.port"?',
      '--foo.bar: unknown option; it must begin with --generator., --server., --default_request., --streaming., --jobs., --mock.',
      '--server.allowed_origins: must be a list in which each item is a text that is not empty, not "[1"',
      '--streaming.warmup streaming.warmup.foo: unknown key; the valid ones are enabled, prompt, timeout_seconds',
    ]);
  });

  it('blame the option, not the file that it overrides', async () => {
    expect(await problems('server: {port: 8000}\n', '--server.port', '-1')).toEqual([
      '--server.port: must be a whole number from 0 to 65535, not -1',
    ]);
  });
});

describe('a file that is no config', () => {
  it('of megabytes is not read', async () => {
    expect(await problems('- []\n'.repeat(200_000))).toEqual([
      'serve.yaml: cannot be loaded: it is longer than 128 KiB',
    ]);
  });

  it('without an end is not read to it', async () => {
    const lines = await problemsOf(load({ configPath: '/dev/zero' }));
    expect(lines).toEqual(['/dev/zero: cannot be loaded: it is longer than 128 KiB']);
  });

  it.each([
    ['a key of thousands of characters', `? ${'😀'.repeat(4000)}\n: 1\n`],
    ['a key with line breaks', '"a\\n\\u2028b": 1\n'],
    ['a tag of thousands of characters', `server: !${'x'.repeat(4000)} 1\n`],
  ])('with %s is told about in short lines', async (_, text) => {
    for (const line of await problems(text)) {
      expect(line.length).toBeLessThan(1100);
      expect(line).toMatch(/^serve\.yaml:1:\d+ ?.*: /);
      expect(line).not.toContain('\u2028');
    }
  });

  it('with a key that is a mapping is refused without a warning of the parser', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    expect(await problems('? {a: 1}\n: 1\n')).toHaveLength(1);
    // Warnings are told in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });
});

describe('the blocks that go to the worker', () => {
  it('let keys through that only the worker knows', async () => {
    const { config } = await loadText(
      'generator: {engine: {parallelism: {dp_size: 2}, fancy: null}}\ndefault_request: {sampling: {guidance_scale_2: 3}}\n',
    );
    expect(config.generator.engine).toEqual({ parallelism: { dp_size: 2 }, fancy: null });
    expect(config.default_request.sampling).toMatchObject({ guidance_scale_2: 3 });
  });

  it.each([
    ['generator: {engine: {num_gpu: 2}}', 'num_gpus'],
    ['generator: {engine: {paralelism: {}}}', 'parallelism'],
    ['generator: {modelpath: x}', 'model_path'],
    ['default_request: {sampling: {hieght: 64}}', 'height'],
    ['default_request: {negativ_prompt: x}', 'negative_prompt'],
  ])('refuse the typing slip in %s', async (text, meant) => {
    const lines = await problems(text);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`unknown key; did you mean "${meant}"?`);
  });
});
