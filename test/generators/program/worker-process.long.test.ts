import { describe, expect, it } from 'vitest';
import { descendantPids } from '../../support/child-pids.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startProgram } from './program.ts';

describe('a running program', () => {
  it('is killed with all that it started when it ignores that it is told to end', async () => {
    const before = await descendantPids(process.pid);
    const program = await startProgram('frames-worker', { args: ['stays', 'forks'] });
    const own = await descendantPids(program.pid);
    expect(own).toHaveLength(1);
    await program.stop();
    expect(await program.exited).toBe('was ended by SIGKILL');
    await waitFor('end of its child', async () => {
      const left = await descendantPids(process.pid);
      return left.every((pid) => before.includes(pid)) && !left.includes(own[0] ?? 0);
    });
  });
});
