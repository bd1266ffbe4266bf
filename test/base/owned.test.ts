import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/core/base/log.ts';
import { buildOwning } from '../../src/core/base/owned.ts';

describe('what is built of several parts', () => {
  const logger = createLogger({ level: 'silent' });

  it('closes those that were opened, in reverse, when one cannot be', async () => {
    const closed: string[] = [];
    const building = buildOwning(logger, async (own) => {
      own('store', (one) => closed.push(one));
      own('provider', () => {
        closed.push('provider');
        throw new Error('it does not close');
      });
      throw new Error('the folder cannot be written');
    });
    await expect(building).rejects.toThrow('the folder cannot be written');
    expect(closed).toEqual(['provider', 'store']);
  });

  it('is left open once all is there', async () => {
    const closed: string[] = [];
    expect(await buildOwning(logger, async (own) => own('store', (one) => closed.push(one)))).toBe('store');
    expect(closed).toEqual([]);
  });
});
