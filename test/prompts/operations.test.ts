import { describe, expect, it } from 'vitest';
import { createPromptEnhancer } from '../../src/core/prompts/create-prompt-enhancer.ts';
import type { ChatRequest, PromptProvider } from '../../src/core/prompts/provider.ts';
import { createEchoProvider } from '../../src/core/prompts/providers/echo-provider.ts';
import { builtInTexts } from '../../src/core/prompts/system/built-in-texts.ts';

function over(provider: PromptProvider) {
  return createPromptEnhancer({
    providers: [provider],
    systemPrompts: { current: async () => builtInTexts },
    timeoutMs: 1000,
  });
}

/** A provider that says these texts, one after the other. */
function saying(...texts: string[]): { provider: PromptProvider; requests: ChatRequest[] } {
  const requests: ChatRequest[] = [];
  const complete = async (request: ChatRequest) => {
    requests.push(request);
    return { text: texts.shift() ?? '', model: 'm', cutOff: false };
  };
  return { provider: { name: 'script', model: 'm', complete }, requests };
}

describe('the operations', () => {
  it('refuse empty prompts', async () => {
    const enhancer = over(createEchoProvider());
    for (const call of [enhancer.enhance(' \n'), enhancer.autoExtend(['', ' ']), enhancer.rewrite([' '])]) {
      await expect(call).rejects.toMatchObject({ code: 'invalid_message' });
    }
  });

  it('give one line, cleaned', async () => {
    const { provider } = saying('<think>hm</think>\n"A fox\nin  snow."');
    expect((await over(provider).enhance('a fox')).content).toBe('A fox in  snow.');
  });

  it('go on from the last prompts, the oldest first', async () => {
    const { provider, requests } = saying('next');
    const previous = Array.from({ length: 20 }, (_, index) => `shot ${index}`);
    expect((await over(provider).autoExtend(previous)).content).toBe('next');
    expect(requests[0]?.system).toBe(builtInTexts.autoExtend);
    expect(requests[0]?.user).toMatch(/1\. shot 4\n(.*\n)*16\. shot 19$/);
  });

  it('rewrite as many prompts as were given, with the change', async () => {
    const { provider, requests } = saying('1. a blue fox\n2. a blue dog');
    const { prompts, raw } = await over(provider).rewrite(['a fox', '', 'a dog'], {
      instruction: 'all blue',
    });
    expect(prompts).toEqual(['a blue fox', 'a blue dog']);
    expect(raw).toBe('1. a blue fox\n2. a blue dog');
    expect(requests[0]?.user).toBe(
      'The present prompts:\n1. a fox\n2. a dog\n\nThe change:\nall blue\n\nPrompts wanted: 2',
    );
  });

  it('write prompts from a wish alone, and from one that was changed', async () => {
    const { provider, requests } = saying('- a\n- b\n- c\n- d', '1. a');
    const enhancer = over(provider);
    expect((await enhancer.rewrite([], { instruction: 'foxes' })).prompts).toEqual(['a', 'b', 'c']);
    await enhancer.rewrite(['foxes'], { instruction: 'at night', anew: true });
    expect(requests).toMatchObject([
      { system: builtInTexts.rewriteUser, user: 'The wish:\nfoxes\n\nPrompts wanted: 3' },
      {
        system: builtInTexts.rewriteUser,
        user: 'The wish:\nfoxes\n\nThe change:\nat night\n\nPrompts wanted: 1',
      },
    ]);
  });

  it('tell the model what the caller says in place of the system prompt', async () => {
    const { provider, requests } = saying('1. a', '1. b', 'c');
    const enhancer = over(provider);
    await enhancer.rewrite(['x'], { systemPrompt: 'Mine.' });
    await enhancer.rewrite(['x']);
    await enhancer.enhance('x', { systemPrompt: 'Other.' });
    expect(requests.map(({ system }) => system)).toEqual(['Mine.', builtInTexts.rewrite, 'Other.']);
  });

  it('name the model that is asked first', () => {
    const enhancer = over(saying().provider);
    expect(enhancer.model).toBe('m');
    enhancer.register(createEchoProvider(), 'first');
    expect(enhancer.model).toBe('echo');
  });

  it('ask once more for a rewrite that is short, then fail for the moment', async () => {
    const short = saying('1. a', '1. a\n2. b');
    expect((await over(short.provider).rewrite(['x', 'y'])).prompts).toEqual(['a', 'b']);
    const shorter = saying('1. a', '1. a', '1. a\n2. b');
    await expect(over(shorter.provider).rewrite(['x', 'y'])).rejects.toMatchObject({
      code: 'prompt_failed',
      retryable: true,
      message: 'No provider could answer: script wrote 1 of 2 prompts.',
    });
    expect(shorter.requests).toHaveLength(2);
  });

  it('work offline with echo', async () => {
    const enhancer = over(createEchoProvider());
    expect((await enhancer.enhance('a fox')).content).toBe('a fox (enhanced)');
    expect((await enhancer.autoExtend(['a fox', 'it runs'])).content).toBe('it runs (continued)');
    expect((await enhancer.rewrite(['a fox', 'a dog'], { count: 3 })).prompts).toEqual([
      'a fox (rewrite 1)',
      'a dog (rewrite 2)',
      'a fox (rewrite 3)',
    ]);
  });
});
