import { describe, expect, it } from 'vitest';
import { writeScene, writingTime } from '../../src/core/mock/prompts/scene-writer.ts';
import type { PromptTask } from '../../src/core/prompts/provider.ts';

const enhance = (prompt: string): PromptTask => ({ operation: 'enhance', prompt });

describe('what the mock writes in place of a language model', () => {
  it('keeps the words of the prompt and adds some, the same for the same prompt', () => {
    const better = writeScene(enhance('a red fox.'));
    expect(better).toMatch(/^a red fox, .+, .+, .+\.$/);
    expect(writeScene(enhance('a red fox.'))).toBe(better);
  });

  it('does not grow when its own words are enhanced or extended again', () => {
    const history = ['a red fox'];
    for (let round = 0; round < 40; round += 1) {
      history.push(writeScene({ operation: 'auto_extend', previous: history.slice(-16) }));
    }
    for (const prompt of history) expect(prompt).toContain('a red fox');
    expect(Math.max(...history.map(({ length }) => length))).toBeLessThan(160);
    const twice = writeScene(enhance(writeScene(enhance('a red fox'))));
    expect(twice.split(', ')).toHaveLength(4);
  });

  it('never follows a prompt with the same one', () => {
    const history = ['a red fox'];
    for (let round = 0; round < 20; round += 1) {
      history.push(writeScene({ operation: 'auto_extend', previous: history.slice(-16) }));
    }
    expect(history.filter((prompt, index) => prompt === history[index - 1])).toEqual([]);
  });

  it.each([
    [['a fox', 'a dog'], 'at night', 6],
    [[], 'a heist', 3],
    [['a heist'], 'a heist', 4],
    [['a fox'], '', 2],
  ])('rewrites %j, "%s" into %i prompts that differ', (prompts, instruction, count) => {
    const lines = writeScene({ operation: 'rewrite', prompts, instruction, count, anew: false }).split('\n');
    expect(lines.map((line) => line.slice(0, 3))).toEqual(lines.map((_, index) => `${index + 1}. `));
    expect(new Set(lines.map((line) => line.slice(3))).size).toBe(count);
  });

  it('takes a moment, and never long', () => {
    for (const prompt of ['a', 'a red fox', 'x'.repeat(8000)]) {
      expect(writingTime(enhance(prompt))).toBeGreaterThanOrEqual(120);
      expect(writingTime(enhance(prompt))).toBeLessThanOrEqual(600);
    }
  });
});
