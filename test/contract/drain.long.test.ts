import { describe, it } from 'vitest';
import { adminDrainTests, drains, ways } from './drains.ts';

describe.each(Object.entries(ways))('%s', (_, drain) => {
  it.each(Object.entries(drains))('%s', async (_title, drained) => {
    await drained(drain);
  });
});

describe('POST /admin/drain of `fastvideo serve`', () => adminDrainTests('serve'));
