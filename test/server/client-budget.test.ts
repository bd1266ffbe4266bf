import { describe, expect, it } from 'vitest';
import type { SafetyDecision, SafetyFilter } from '../../src/core/safety/safety-filter.ts';
import { eventually } from '../support/wait-for.ts';
import { ScriptedClient } from './scripted-client.ts';

/** Answers when it is told to, and counts the prompts that wait for it. */
class SlowFilter implements SafetyFilter {
  waiting = 0;
  most = 0;
  #answers: (() => void)[] = [];

  async check(prompts: readonly string[]): Promise<readonly SafetyDecision[]> {
    this.waiting += prompts.length;
    this.most = Math.max(this.most, this.waiting);
    await new Promise<void>((resolve) => this.#answers.push(resolve));
    this.waiting -= prompts.length;
    return prompts.map(() => ({ decision: 'allow', label: null, score: 0, reason: '', classifier: null }));
  }

  answer(): void {
    for (const answer of this.#answers.splice(0)) answer();
  }

  async close(): Promise<void> {}
}

async function opened(filter: SafetyFilter): Promise<ScriptedClient> {
  const client = new ScriptedClient({ filter });
  client.send({ type: 'session_init_v2' });
  await eventually(() => expect(client.session?.phase).toBe('ACTIVE'));
  return client;
}

describe('one client', () => {
  it('has its messages worked on in order, also when the safety filter takes its time', async () => {
    const filter = new SlowFilter();
    const client = await opened(filter);
    client.send({ type: 'seed_prompts_updated', seed_prompts: ['x'] });
    client.send({ type: 'seed_prompts_updated', seed_prompts: [] });
    client.send({ type: 'generation_paused_updated', paused: true });
    await eventually(() => {
      filter.answer();
      expect(client.session?.state).toMatchObject({ paused: true, curatedPrompts: [] });
    });
  });

  it('cannot fill the queue of the safety filter for all', async () => {
    const filter = new SlowFilter();
    const client = await opened(filter);
    for (let request = 0; request < 8; request += 1) {
      client.send({ type: 'segment_prompt_source', prompt: `request ${request}` });
    }
    const seeds = Array.from({ length: 2000 }, (_, index) => `seed ${index}`);
    client.send({ type: 'seed_prompts_updated', seed_prompts: seeds });
    await eventually(() => expect(filter.waiting).toBeGreaterThan(4));
    await eventually(() => {
      filter.answer();
      expect(client.session?.state.curatedPrompts).toEqual(seeds);
    });
    // Four calls of one prompt, and a portion of the seeds.
    expect(filter.most).toBeLessThanOrEqual(4 + 32);
  });
});
