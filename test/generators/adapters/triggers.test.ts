import { describe, expect, it } from 'vitest';
import { withTriggers } from '../../../src/core/generators/adapters/triggers.ts';

const declared = [
  { name: 'pixar', trigger: 'P1x4r', trigger_position: 'prepend' },
  { name: 'cut', trigger: 'zhuanchang', trigger_position: 'append' },
  { name: 'film', trigger: '35mm (film)', trigger_position: 'append' },
  { name: 'plain', trigger_position: 'append' },
] as const;
const all = declared.map(({ name }) => ({ name, strength: 1 }));

describe('the triggers of adapters', () => {
  it.each([
    ['a red fox', 'P1x4r a red fox zhuanchang 35mm (film)'],
    ['A P1X4R fox', 'A P1X4R fox zhuanchang 35mm (film)'],
    ['a fox, zhuanchang, 35mm (film)!', 'P1x4r a fox, zhuanchang, 35mm (film)!'],
    ['P1x4rs and xzhuanchang', 'P1x4r P1x4rs and xzhuanchang zhuanchang 35mm (film)'],
    ['35mm  film', 'P1x4r 35mm  film zhuanchang 35mm (film)'],
  ])('are put around "%s", unless they stand there as words', (prompt, dressed) => {
    expect(withTriggers(prompt, all, declared)).toBe(dressed);
  });

  it('are those of the adapters that are applied', () => {
    expect(withTriggers('a fox', [{ name: 'cut', strength: 0.1 }], declared)).toBe('a fox zhuanchang');
    expect(withTriggers('a fox', [], declared)).toBe('a fox');
  });
});
