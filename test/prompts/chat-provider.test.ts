import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProviderCall } from '../../src/core/prompts/provider-chain.ts';
import { createChatProvider } from '../../src/core/prompts/providers/chat-provider.ts';
import { builtInTexts } from '../../src/core/prompts/system/built-in-texts.ts';
import {
  type StandInProvider,
  type StandInReply,
  startStandInProvider,
} from '../support/stand-in-provider.ts';
import { waitFor } from '../support/wait-for.ts';
import { enhancerOver } from './enhancers.ts';

let provider: StandInProvider;
beforeEach(async () => {
  provider = await startStandInProvider();
});
afterEach(() => provider.stop());

describe('a chat provider', () => {
  it('asks with the system prompt, the prompt, the model, the settings and the key', async () => {
    const enhancer = enhancerOver([provider], { temperature: 0.3, maxTokens: 99 });
    const { latencyMs, ...answer } = await enhancer.enhance('  a fox ');
    expect(answer).toEqual({
      content: 'better: a fox',
      provider: 'one',
      model: 'model-1',
      fallbackUsed: false,
    });
    expect(latencyMs).toBeGreaterThanOrEqual(0);
    const [call] = provider.calls;
    expect(call?.path).toBe('/v1/chat/completions');
    expect(call?.headers.authorization).toBe('Bearer sk-secret');
    expect(call?.body).toEqual({
      model: 'model-1',
      temperature: 0.3,
      max_tokens: 99,
      messages: [
        { role: 'system', content: builtInTexts.enhance },
        { role: 'user', content: 'a fox' },
      ],
    });
  });

  it('takes the model and the temperature of a call in place of its own', async () => {
    const answer = await enhancerOver([provider]).enhance('a fox', { model: 'other', temperature: 0 });
    expect(provider.calls[0]?.body).toMatchObject({ model: 'other', temperature: 0 });
    expect(answer.model).toBe('other');
  });

  it('sends no key where there is none', async () => {
    const { baseUrl } = provider;
    const keyless = createChatProvider({ name: 'one', baseUrl, model: 'm' });
    await enhancerOver([], { providers: [keyless] }).enhance('a fox');
    expect(provider.calls[0]?.headers.authorization).toBeUndefined();
  });

  it.each<[string, StandInReply, string]>([
    ['500', { kind: 'status', status: 500 }, 'one answered 500 no luck'],
    ['503', { kind: 'status', status: 503 }, 'one answered 503 no luck'],
    ['429', { kind: 'status', status: 429 }, 'one answered 429 no luck'],
    ['a body that is not JSON', { kind: 'raw', body: '<html>' }, 'a body that is not JSON'],
    ['a page', { kind: 'raw', body: '<html>', contentType: 'text/html' }, 'a body that is not JSON'],
    ['an empty body', { kind: 'raw', body: '' }, 'a body that is not JSON'],
    ['JSON of something else', { kind: 'raw', body: '[1]' }, 'one answered without choices'],
    ['no choices', { kind: 'raw', body: '{"choices":[]}' }, 'one answered without choices'],
    ['no content', { kind: 'answer', content: null }, 'one answered with nothing'],
    ['blank content', { kind: 'answer', content: ' \n' }, 'one answered with nothing'],
    ['thoughts only', { kind: 'answer', content: '<think>hm, a fox' }, 'one answered without a prompt'],
    ['too long an answer', { kind: 'raw', body: 'x'.repeat(5_000_000) }, 'more than 4194304 bytes'],
    ['a cut connection', { kind: 'cut' }, 'one cannot be reached at 127.0.0.1'],
    ['a connection cut in the body', { kind: 'cut', after: 'body' }, 'one cannot be reached at 127.0.0.1'],
  ])('fails for the moment after %s', async (_, reply, message) => {
    provider.reply(reply);
    const calls: ProviderCall[] = [];
    const enhancer = enhancerOver([provider], { onCall: (call) => calls.push(call) });
    const error = await enhancer.enhance('a fox').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'prompt_failed',
      retryable: true,
      message: expect.stringMatching(/^No provider could answer: /),
    });
    expect(error).toHaveProperty('message', expect.stringContaining(message));
    expect(provider.calls).toHaveLength(1);
    expect(enhancer.stats()).toEqual([
      { provider: 'one', model: 'model-1', calls: 1, successes: 0, failures: 1 },
    ]);
    expect(calls).toEqual([
      expect.objectContaining({ provider: 'one', operation: 'enhance', outcome: 'failed' }),
    ]);
  });

  it.each<[number, unknown]>([
    [400, 'one answered 400 no luck'],
    [401, 'one answered 401 no luck (is the API key right?)'],
    [404, expect.stringMatching(/^one answered 404 no luck \(asked at http:.*\/v1\/chat\/completions\)$/)],
    [422, 'one answered 422 no luck'],
  ])('fails for good after %i', async (status, message) => {
    provider.reply({ kind: 'status', status });
    const failing = enhancerOver([provider]).enhance('a fox');
    await expect(failing).rejects.toMatchObject({ code: 'prompt_failed', retryable: false, message });
  });

  it('never shows the key, although the provider repeats it', async () => {
    provider.reply({ kind: 'status', status: 401, message: 'bad key sk-secret' });
    const failing = enhancerOver([provider]).enhance('a fox');
    await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('bad key [key]') });
  });

  it.each(['nothing', 'body'] as const)(
    'gives up when time is over after %s came, and hangs up',
    async (after) => {
      provider.reply({ kind: 'stall', after });
      const failing = enhancerOver([provider], { timeoutMs: 100 }).enhance('a fox');
      await expect(failing).rejects.toMatchObject({
        code: 'prompt_failed',
        retryable: true,
        message: 'No provider could answer: one gave no answer within 100 ms.',
      });
      await waitFor('hang-up', () => provider.hungUp === 1);
    },
  );

  it.each(['nothing', 'body'] as const)('hangs up when it is cancelled after %s came', async (after) => {
    provider.reply({ kind: 'stall', after });
    const controller = new AbortController();
    const calls: ProviderCall[] = [];
    const enhancer = enhancerOver([provider], { onCall: (call) => calls.push(call) });
    const failing = enhancer.enhance('a fox', { signal: controller.signal });
    failing.catch(() => undefined);
    await waitFor('call', () => provider.calls.length === 1);
    const reason = new Error('the client has gone');
    controller.abort(reason);
    await expect(failing).rejects.toBe(reason);
    await waitFor('hang-up', () => provider.hungUp === 1);
    expect(enhancer.stats()).toMatchObject([{ calls: 1, successes: 0, failures: 0 }]);
    expect(calls).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('does not ask at all for a call that is cancelled already', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(enhancerOver([provider]).enhance('a fox', { signal })).rejects.toThrow('too late');
    expect(provider.calls).toHaveLength(0);
  });

  it('ends what runs when the enhancer is closed, and takes no more', async () => {
    provider.reply({ kind: 'stall' });
    const enhancer = enhancerOver([provider]);
    const failing = enhancer.enhance('a fox');
    failing.catch(() => undefined);
    await waitFor('call', () => provider.calls.length === 1);
    await enhancer.close();
    await expect(failing).rejects.toMatchObject({ code: 'prompt_failed', retryable: false });
    await expect(enhancer.enhance('a dog')).rejects.toMatchObject({
      code: 'prompt_failed',
      retryable: false,
    });
    await waitFor('hang-up', () => provider.hungUp === 1);
  });
});
