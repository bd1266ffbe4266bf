import { describe, it } from 'vitest';
import { adminDrainTests, drains, ways } from './drains.ts';

/** One of each kind; drain.long.test.ts has all, each way. */
const chosen = [
  ['SIGTERM', 'lets a running segment end first; meanwhile the server is not ready and takes no session'],
  ['POST /admin/drain', 'leaves the token good for another replica'],
] as const;

it.each(chosen)('%s %s', async (way, title) => {
  await drains[title](ways[way]);
});

describe('POST /admin/drain of `fastvideo mock`', () => adminDrainTests('mock'));
