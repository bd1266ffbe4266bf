import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { PromptSchema } from '../src/core/base/config/serve-schema/prompt.ts';
import { enhancerFromConfig } from '../src/core/prompts/enhancer-from-config.ts';
import { median, percentile } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const prompts = 4000;
const concurrency = 16;
const warmUp = 500;

/** What a prompt costs beside the provider's own time, over one that answers at once. */
export async function benchEnhance(): Promise<void> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./support/instant-provider.mjs', import.meta.url))],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  const base_url = `http://127.0.0.1:${port.toString().trim()}/v1`;
  const config = PromptSchema.parse({ enabled: true, provider: 'openai', base_url, model: 'instant' });
  const configured = await enhancerFromConfig(config, {}, pino({ level: 'silent' }));
  const { enhancer } = configured;
  if (!enhancer) throw new Error('There is no enhancer.');
  const body = JSON.stringify({
    model: 'instant',
    messages: [
      { role: 'system', content: (await configured.systemPrompts.current()).enhance },
      { role: 'user', content: 'a red fox' },
    ],
  });
  const bare = await times(async () => {
    const response = await fetch(`${base_url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await response.json();
  });
  const ours = await times(async () => {
    await enhancer.enhance('a red fox');
  });
  await enhancer.close();
  child.kill();
  const row = (name: string, { each, perSecond }: Times) => [
    name,
    median(each),
    percentile(each, 99),
    perSecond,
    1000 / perSecond,
  ];
  printTable(
    `Enhancing ${prompts} prompts, ${concurrency} at once, over a provider that answers at once (aim: p99 of the overhead under 2 ms a prompt)`,
    ['way', 'median ms', 'p99 ms', 'prompts/s', 'CPU-bound ms a prompt'],
    [
      row('bare fetch', bare),
      row('enhancer', ours),
      [
        'overhead',
        median(ours.each) - median(bare.each),
        percentile(ours.each, 99) - percentile(bare.each, 99),
        '',
        1000 / ours.perSecond - 1000 / bare.perSecond,
      ],
    ],
  );
}

interface Times {
  readonly each: readonly number[];
  readonly perSecond: number;
}

async function times(work: () => Promise<void>): Promise<Times> {
  await runAll(warmUp, work);
  const startedAt = performance.now();
  const each = await runAll(prompts, work);
  return { each, perSecond: (prompts / (performance.now() - startedAt)) * 1000 };
}

async function runAll(count: number, work: () => Promise<void>): Promise<number[]> {
  const each: number[] = [];
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const startedAt = performance.now();
      await work();
      each.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  return each;
}
