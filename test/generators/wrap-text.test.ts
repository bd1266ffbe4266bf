import { describe, expect, it } from 'vitest';
import { wrapText } from '../../src/core/generators/mock/wrap-text.ts';

describe('Wrapping text', () => {
  it('breaks between words', () => {
    expect(wrapText('a red fox in blue snow', 9, 5)).toEqual(['a red fox', 'in blue', 'snow']);
  });

  it('breaks words that are longer than a line', () => {
    expect(wrapText('an extraordinary day', 6, 5)).toEqual(['an', 'extrao', 'rdinar', 'y day']);
  });

  it('marks what was left out, within the columns', () => {
    expect(wrapText('a red fox in blue snow', 9, 2)).toEqual(['a red fox', 'in blu...']);
    expect(wrapText('abcdef', 2, 1)).toEqual(['..']);
  });

  it('counts a character outside the basic plane as one', () => {
    expect(wrapText('🦊🦊🦊🦊', 2, 2)).toEqual(['🦊🦊', '🦊🦊']);
  });

  it('gives nothing where there is no room or no text', () => {
    expect([wrapText('fox', 0, 3), wrapText('fox', 3, 0), wrapText(' \n ', 3, 3)]).toEqual([[], [], []]);
  });
});
