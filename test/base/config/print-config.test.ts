import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEffectiveConfig } from '../../../src/core/base/config/print-config.ts';
import { load, loadText, problemsOf } from './load-from.ts';

describe('the printed config', () => {
  it('says after each value where it is from', async () => {
    const loaded = await loadText('server:\n  port: 8001\n', '--streaming.warmup.enabled', 'false');
    const printed = formatEffectiveConfig(loaded);
    expect(printed).toContain('  port: 8001 # serve.yaml:2\n');
    expect(printed).toContain('    enabled: false # --streaming.warmup.enabled\n');
    expect(printed).toContain('  host: 0.0.0.0 # default\n');
  });

  it('masks secrets, and refuses the mask as a secret', async () => {
    const loaded = await loadText('server: {api_keys: [hush1]}\ngenerator: {hf_token: hush2}\n');
    const printed = formatEffectiveConfig(loaded);
    expect(printed).not.toContain('hush');
    const problems = await problemsOf(loadText(printed));
    expect(problems).toHaveLength(2);
    for (const line of problems)
      expect(line).toMatch(/(hf_token|api_keys): "\[redacted\]" is what --print-config shows/);
  });

  it('loads to the same config again, for serve and for mock', async () => {
    const text = fc.string({ unit: 'grapheme' });
    const scalar = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.double({ noNaN: true }));
    const key = fc
      .oneof(text, fc.constantFrom('yes', '1', 'a b', '#', '<<', '? x'))
      .filter((k) => k !== '__proto__');
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('any')), fc.dictionary(key, tie('any'))),
    }));
    const config = fc.record({
      generator: fc.record({
        model_path: text.filter((path) => path !== ''),
        pipeline: fc.record({ experimental: fc.dictionary(key, any) }),
      }),
      default_request: fc.record({ prompt: text }),
      streaming: fc.record({ encoder: fc.record({ extra_args: fc.array(text) }) }),
    });
    await fc.assert(
      fc.asyncProperty(config, fc.constantFrom('serve', 'mock'), async (given, command) => {
        const files = { 'given.json': JSON.stringify(given) };
        const first = await load({ files, configPath: 'given.json', command });
        const printed = { 'printed.yaml': formatEffectiveConfig(first) };
        const second = await load({ files: printed, configPath: 'printed.yaml', command });
        expect(second.config).toEqual(first.config);
      }),
      { numRuns: 25 },
    );
  });
});
