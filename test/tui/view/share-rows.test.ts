import { describe, expect, it } from 'vitest';
import { shareRows } from '../../../src/tui/view/share-rows.ts';

describe('shareRows', () => {
  it('gives each list all its rows where there is room', () => {
    expect(
      shareRows(
        [
          { rows: 8, weight: 4 },
          { rows: 3, weight: 1 },
        ],
        40,
      ),
    ).toEqual([8, 3]);
  });

  it('shares by weight where there is not, one row at least', () => {
    expect(
      shareRows(
        [
          { rows: 50, weight: 3 },
          { rows: 50, weight: 1 },
        ],
        12,
      ),
    ).toEqual([9, 3]);
    expect(
      shareRows(
        [
          { rows: 50, weight: 9 },
          { rows: 50, weight: 1 },
        ],
        2,
      ),
    ).toEqual([1, 1]);
  });

  it('gives to others what a short list leaves', () => {
    expect(
      shareRows(
        [
          { rows: 2, weight: 9 },
          { rows: 50, weight: 1 },
        ],
        12,
      ),
    ).toEqual([2, 10]);
  });
});
