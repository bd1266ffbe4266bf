import { describe, expect, it } from 'vitest';
import { createGenerator } from '../../src/core/generators/create-generator.ts';
import { timelineStart } from '../../src/core/media/timeline.ts';
import { inProcessPool } from './in-process.ts';
import { acquireOptions, collect, describePool, request, signals } from './pool-contract.ts';
import { describeSent } from './sent-contract.ts';

describePool('the in-process pool', () => inProcessPool('mock'));
describeSent('the in-process pool of the test pattern', () => inProcessPool('mock'));

describe('the in-process pool, when a generator', () => {
  const segment = { generation: request, timeline: timelineStart, streamMode: 'av_fmp4' } as const;

  it('is closed before its segment begins, fails the segment', async () => {
    const generator = await createGenerator({ backend: 'mock' });
    const pool = inProcessPool(() => Promise.resolve(generator));
    await pool.start();
    await pool.acquire('s1', acquireOptions);
    await expect(pool.run('s1', segment, signals).then(collect)).rejects.toThrow('The generator is closed.');
    await pool.close();
  });

  it('cannot be made, fails the segment', async () => {
    let made = 0;
    const pool = inProcessPool(() => {
      made += 1;
      return made === 1 ? createGenerator({ backend: 'mock' }) : Promise.reject(new Error('no memory'));
    });
    await pool.start();
    await pool.acquire('s1', acquireOptions);
    await expect(pool.run('s1', segment, signals)).rejects.toThrow('no memory');
    pool.release('s1');
    await pool.close();
  });
});
