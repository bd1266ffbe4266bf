import { describe, expect, it } from 'vitest';
import { startStandInProvider } from '../support/stand-in-provider.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { ProjectClient } from './project/project-client.ts';
import { makeSegment } from './segment.ts';
import { quick, readyServer } from './servers.ts';

describe('`fastvideo serve` whose providers are raced', () => {
  it('enhances in both dialects while one provider is silent, and hangs up on it', async () => {
    await using slow = await startStandInProvider();
    await using swift = await startStandInProvider();
    slow.reply({ kind: 'stall' });
    await using server = await readyServer('serve', [
      ...quick,
      ...['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'openai'],
      ...['--streaming.prompt.base_url', slow.baseUrl, '--streaming.prompt.strategy', 'race'],
      ...['--streaming.prompt.race_delay_ms', '1', '--streaming.prompt.fallbacks'],
      JSON.stringify([{ provider: 'openai', base_url: swift.baseUrl }]),
    ]);
    {
      await using native = await ContractClient.open(server.url, { enhancement_enabled: true });
      await makeSegment(native, 'a red fox');
      expect(native.frames('prompt_ready')).toMatchObject([
        { prompt: 'better: a red fox', provider: 'openai-2' },
      ]);
    }
    await using project = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
    await project.segment();
    project.send({ type: 'append_prompt', prompt: 'a blue whale' });
    expect(await project.until('prompt_ready')).toMatchObject({ prompt: 'better: a blue whale' });
    await waitFor('two calls that were hung up', () => slow.hungUp === 2);
    const counts = { prompt_provider_success_counts: { 'openai-2': 2 } };
    expect(await (await fetch(`${server.url}/internal/monitor/sessions`)).json()).toMatchObject(counts);
  });
});
