import { describe, expect, it } from 'vitest';
import { cleanPrompt } from '../../src/core/prompts/clean-answer.ts';
import { listedPrompts as listed } from '../../src/core/prompts/listed-prompts.ts';

const listedPrompts = (...asked: Parameters<typeof listed>) => listed(...asked).prompts;

describe('cleanPrompt', () => {
  it.each([
    ['plain text', ' A fox. ', 'A fox.'],
    ['thoughts', '<think>\nhm\n</think>\n\nA fox.', 'A fox.'],
    ['thoughts without a start', 'hm, a fox?\n</think>\nA fox.', 'A fox.'],
    ['thoughts without an end', '<think>a fox would', ''],
    ['thoughts of Gemma', '<thought>hm</thought>\nA fox.', 'A fox.'],
    ['thoughts of Gemma 4', '<|channel>thought\nhm<channel|>A fox.<turn|>', 'A fox.'],
    ['thoughts of Magistral', '[THINK]hm[/THINK]A fox.', 'A fox.'],
    ['thoughts of Kimi', '◁think▷hm◁/think▷A fox.', 'A fox.'],
    ['thoughts of Command A', '<|START_THINKING|>hm<|END_THINKING|>A fox.', 'A fox.'],
    ['thoughts with attributes, without an end', '<think signature="x">a fox would', ''],
    [
      'channels of gpt-oss',
      '<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>A fox.<|return|>',
      'A fox.',
    ],
    ['channels without a final one', '<|channel|>analysis<|message|>A fox wou', ''],
    ['channels without their marks', 'analysisUser wants a fox.assistantfinalA fox.', 'A fox.'],
    ['the end of a turn', 'A fox.<|im_end|>\n<|im_start|>user\nMore', 'A fox.'],
    ['the start of a turn', '<|im_start|>assistant\nA fox.<|eot_id|>', 'A fox.'],
    ['the end of a text', 'A fox.</s>', 'A fox.'],
    ['tokens of DeepSeek', 'A fox.<｜end▁of▁sentence｜>', 'A fox.'],
    ['JSON around it', '```json\n{"prompt": "A fox."}\n```', 'A fox.'],
    ['JSON with more in it', '{"title": "Fox", "enhanced_prompt": "A fox."}', 'A fox.'],
    ['JSON that holds no prompt', '{"scene":"a fox","light":"dim"}', ''],
    ['quotes', '"A fox."', 'A fox.'],
    ['curly quotes', '“A fox.”', 'A fox.'],
    ['quotes inside', 'A sign says "Fox".', 'A sign says "Fox".'],
    ['quotes at both ends that are not a pair', '"Fox" it says, and "dog"', '"Fox" it says, and "dog"'],
    ['a fence', '```\nA fox.\n```', 'A fox.'],
    ['a fence with a language, and talk around it', 'Here you go:\n```text\nA fox.\n```\nEnjoy!', 'A fox.'],
    ['a fence that was cut off', '```\nA fox.', 'A fox.'],
    ['lines', 'A fox.\r\n\r\nIt runs.\n', 'A fox. It runs.'],
    ['other line ends and control characters', 'A\u2028fox\u0000runs\ttoo', 'A fox runs too'],
    ['a label', '**Enhanced prompt:** A fox.', 'A fox.'],
    ['a sentence before it', 'Sure! Here\'s the enhanced prompt:\n\n"A fox."', 'A fox.'],
    ['a prompt that only begins like one', 'Here is a fox: red and quick.', 'Here is a fox: red and quick.'],
  ])('cleans %s', (_, text, prompt) => {
    expect(cleanPrompt(text)).toBe(prompt);
  });

  it.each([
    ['A fox. It runs. Then it ju', 'A fox. It runs.'],
    ['A fox that runs and then, ju', 'A fox that runs and then'],
    ['Fox', 'Fox'],
  ])('ends %j, which was cut off, where it makes sense', (text, prompt) => {
    expect(cleanPrompt(text, true)).toBe(prompt);
  });
});

describe('listedPrompts', () => {
  it.each([
    ['1.', '1. a\n2. b'],
    ['1)', '1) a\n2) b'],
    ['-', '- a\n- b'],
    ['*', '* a\n* b'],
    ['•', '• a\n• b'],
    ['blank lines between', '1. a\n\n2. b\n'],
    ['plain lines', 'a\n\nb'],
    ['talk around it', 'Sure, here they are:\n\n1. a\n2. b\n\nTell me if you want more.'],
    ['talk before plain lines', 'Here they are:\na\nb'],
    ['bold and quotes', '**1.** "a"\n2. **b**'],
    ['numbers in bold', 'Here are two:\n\n**1. a**\n\n**2. b**\n\nLet me know!'],
    ['numbers in brackets', '(1) a\n(2) b'],
    ['numbers with a colon', '1: a\n2: b'],
    ['Prompt 1:', 'Prompt 1: a\nPrompt 2: b'],
    ['Prompt 1: in bold', '**Prompt 1:** a\n\n**Prompt 2:** b'],
    ['Prompt 1: all in bold', '**Prompt 1: a**\n**Prompt 2: b**'],
    ['headings', '### Prompt 1\n\na\n\n### Prompt 2\n\nb\n\nEnjoy!'],
    ['Scene 1:', 'Of course:\n- Scene 1: a\n- Scene 2: b'],
    ['a label after each number', '1. **Prompt:** a\n2. **Prompt:** b'],
    ['fences', 'First:\n```\na\n```\nSecond:\n```text\nb\n```'],
    ['JSON', '["a", "b"]'],
    ['JSON in a fence with talk around it', 'Here:\n```json\n{"prompts": ["a", "b"]}\n```\nEnjoy!'],
    ['JSON with numbers for names', '{"prompt_1": "a", "prompt_2": {"text": "b"}}'],
    ['JSON lines', '{"prompt": "a"}\n{"prompt": "b"}'],
    ['JSON in a fence', '```json\n["a",\n"b"]\n```'],
    ['objects', '{"prompts": [{"prompt": "a"}, {"prompt": "b"}]}'],
    ['thoughts with a list', '<think>1. x\n2. y\n3. z</think>1. a\n2. b'],
    ['Windows lines', '1. a\r\n2. b\r\n'],
  ])('reads %s', (_, text) => {
    expect(listedPrompts(text)).toEqual(['a', 'b']);
  });

  it('takes a line below an item for a part of it', () => {
    expect(listedPrompts('1. a fox\n   - in snow\n2. a dog')).toEqual(['a fox in snow', 'a dog']);
  });

  it('takes empty brackets for a text', () => {
    expect(listedPrompts('a []')).toEqual(['a []']);
  });

  it('gives no more than anybody asks for', () => {
    expect(listedPrompts('1. a\n'.repeat(50_000))).toHaveLength(1000);
  });

  it('does not take a number in the text for one of the list', () => {
    expect(listedPrompts('1.5 seconds of rain\n2 foxes')).toEqual(['1.5 seconds of rain', '2 foxes']);
  });

  it('leaves the last one out when the answer was cut off', () => {
    expect(listedPrompts('1. a\n2. b\n3. hal', true)).toEqual(['a', 'b']);
    expect(listedPrompts('["a",\n"b",\n"hal', true)).toEqual(['a', 'b']);
  });
});
