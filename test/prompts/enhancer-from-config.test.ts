import { describe, expect, it } from 'vitest';
import { formatEffectiveConfig } from '../../src/core/base/config/print-config.ts';
import { PromptSchema } from '../../src/core/base/config/serve-schema/prompt.ts';
import { createLogger } from '../../src/core/base/log.ts';
import { enhancerFromConfig } from '../../src/core/prompts/enhancer-from-config.ts';
import { loadText } from '../base/config/load-from.ts';
import { type StandInReply, startStandInProvider } from '../support/stand-in-provider.ts';

const logger = createLogger({ level: 'silent' });
const build = (config: unknown, env: Record<string, string> = {}) =>
  enhancerFromConfig(PromptSchema.parse(config), env, logger);

describe('enhancerFromConfig', () => {
  it('gives none while it is not enabled', async () => {
    expect((await build({})).enhancer).toBeUndefined();
  });

  it.each([
    [{ enabled: true }, 'cerebras', 'CEREBRAS_API_KEY'],
    [{ enabled: true, provider: 'groq' }, 'groq', 'GROQ_API_KEY'],
    [{ enabled: true, provider: 'echo', fallbacks: [{ provider: 'groq' }] }, 'groq', 'GROQ_API_KEY'],
  ])('stops the start without a key: %j', async (config, name, variable) => {
    const message = `The prompt provider ${name} needs a key: set ${variable}.`;
    await expect(build(config)).rejects.toMatchObject({ code: 'start_failed', message });
    await expect(build(config, { [variable]: '' })).rejects.toMatchObject({ code: 'start_failed' });
    expect((await build(config, { [variable]: 'x' })).enhancer).toBeDefined();
  });

  it('asks the provider, then the fallbacks, each with key, model and settings of its own', async () => {
    await using one = await startStandInProvider();
    await using two = await startStandInProvider();
    await using three = await startStandInProvider();
    const down: StandInReply = { kind: 'status', status: 500 };
    one.reply(down);
    two.reply(down);
    const built = await build(
      {
        enabled: true,
        provider: 'groq',
        base_url: one.baseUrl,
        fallbacks: [
          { provider: 'openai', base_url: two.baseUrl },
          { provider: 'openai', base_url: three.baseUrl, model: 'small', api_key: 'k3' },
        ],
      },
      { GROQ_API_KEY: 'k1' },
    );
    expect(await built.enhancer?.enhance('a fox')).toMatchObject({ provider: 'openai-2', model: 'small' });
    const seen = [one, two, three].map(({ calls: [call] }) => [
      call?.headers.authorization,
      call?.body['model'],
    ]);
    expect(seen).toEqual([
      ['Bearer k1', 'openai/gpt-oss-120b'],
      [undefined, 'gpt-oss-120b'],
      ['Bearer k3', 'small'],
    ]);
    expect(one.calls[0]?.body).toMatchObject({ temperature: 0.7, max_completion_tokens: 2048 });
    expect(three.calls[0]?.body).toMatchObject({ temperature: 0.7, max_tokens: 2048 });
  });
});

describe('the prompt section of the config', () => {
  it.each([
    [{ provider: 'openai' }, 'base_url'],
    [{ base_url: 'localhost:11434' }, 'base_url'],
    [{ base_url: 'http://me:secret@localhost/v1' }, 'base_url'],
    [{ temperature: 3 }, 'temperature'],
    [{ fallbacks: [{ provider: 'openai' }] }, 'fallbacks.0.base_url'],
    [{ fallbacks: [{ model: 'x' }] }, 'fallbacks.0.provider'],
  ])('refuses %j', (config, key) => {
    const paths = PromptSchema.safeParse(config).error?.issues.map(({ path }) => path.join('.'));
    expect(paths).toEqual([key]);
  });

  it('never prints a key, nor one in a fallback', async () => {
    const section = 'prompt: {api_key: hush1, fallbacks: [{provider: groq, api_key: hush2}]}';
    expect(formatEffectiveConfig(await loadText(`streaming: {${section}}`))).not.toContain('hush');
  });
});
