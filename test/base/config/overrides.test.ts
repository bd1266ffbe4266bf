import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOverrides } from '../../../src/core/base/config/overrides.ts';
import { schemaKeys } from '../../../src/core/base/config/schema-tree.ts';
import { ServeConfigSchema } from '../../../src/core/base/config/serve-schema/serve-config.ts';
import { load, loadText } from './load-from.ts';

const dotted = fc
  .constantFrom(...[...schemaKeys(ServeConfigSchema)].map((key) => key.path))
  .filter((p) => p.length > 1);

describe('dotted options', () => {
  it('are taken out of the arguments, the others keep their order', () => {
    const argv = [
      '--config',
      'a.yaml',
      '--server.port',
      '8010',
      '--check',
      '--server.host=::1',
      '--',
      '--a.b',
      'c',
    ];
    expect(parseOverrides(argv)).toEqual({
      overrides: [
        { path: ['server', 'port'], raw: '8010', option: '--server.port' },
        { path: ['server', 'host'], raw: '::1', option: '--server.host' },
      ],
      rest: ['--config', 'a.yaml', '--check', '--', '--a.b', 'c'],
    });
  });

  it('without a value are told, all of them', () => {
    expect(() => parseOverrides(['--a.b', '--c.d', '1', '--e.f'])).toThrow(
      /--a\.b needs a value[^\n]*\n--e\.f needs/,
    );
  });

  it('come back as they were given, apart or with an equals sign', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(dotted, fc.string(), fc.boolean())), (given) => {
        const argv = given.flatMap(([path, raw, joined]) => {
          const option = `--${path.join('.')}`;
          return joined || raw.startsWith('--') ? [`${option}=${raw}`] : [option, raw];
        });
        const { overrides, rest } = parseOverrides(argv);
        expect(rest).toEqual([]);
        expect(overrides.map(({ path, raw }) => ({ path, raw }))).toEqual(
          given.map(([path, raw]) => ({ path, raw })),
        );
      }),
    );
  });

  it('leave arguments that are not dotted options alone', () => {
    const plain = fc.string().filter((argument) => !/^--[^=]*\./.test(argument));
    fc.assert(
      fc.property(fc.array(plain), (argv) => {
        expect(parseOverrides(argv).rest).toEqual(argv);
      }),
    );
  });
});

describe('an override', () => {
  it('wins over the file, and the last one wins', async () => {
    const { config, origins } = await loadText(
      'server: {port: 1}\n',
      '--server.port',
      '2',
      '--server.port=3',
    );
    expect(config.server.port).toBe(3);
    expect(origins.get('server.port')).toBe('--server.port');
  });

  it('takes booleans, lists and whole sections as YAML', async () => {
    const { config } = await loadText(
      'streaming: {warmup: {timeout_seconds: 5}}\n',
      '--streaming.warmup.enabled=false',
      '--streaming.encoder.extra_args',
      '["-crf", 20]',
      '--streaming.warmup',
      '{prompt: sea}',
      '--generator.pipeline.preset_overrides.refine.num_inference_steps',
      '2',
    );
    expect(config.streaming.warmup).toEqual({ enabled: false, timeout_seconds: 5, prompt: 'sea' });
    expect(config.streaming.encoder.extra_args).toEqual(['-crf', '20']);
    expect(config.generator.pipeline?.preset_overrides).toEqual({ refine: { num_inference_steps: 2 } });
  });

  it('unsets a key with null', async () => {
    const { config, origins } = await loadText('server: {port: 1, host: h}\n', '--server.port', 'null');
    expect(config.server).toMatchObject({ port: 8000, host: 'h' });
    expect(origins.get('server.port')).toBe('default');
  });

  it('of a text key keeps every text as it is', async () => {
    const text = fc.string().filter((raw) => !/^\s*(?:["']|null\s*$|~\s*$)/.test(raw));
    const tricky = fc.constantFrom(
      '123',
      'yes',
      'a: b',
      '[x',
      '# no comment',
      '*star',
      '1e3',
      '007',
      '{}',
      '- a',
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, tricky), async (raw) => {
        const { config } = await load({ argv: [`--default_request.negative_prompt=${raw}`] });
        expect(config.default_request.negative_prompt).toBe(raw);
      }),
      { numRuns: 40 },
    );
  });

  it('of a text key may be quoted', async () => {
    const { config } = await load({ argv: ['--default_request.prompt', '"null"'] });
    expect(config.default_request.prompt).toBe('null');
  });
});
