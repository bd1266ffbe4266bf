import { beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import {
  args,
  drainAtSegmentEnd,
  drainInSegment,
  moveTests,
  type Scenario,
  scenarios,
} from './checkpoint-moves.ts';
import { expectShown, picturesOf, told } from './moved-session.ts';
import { MovingClient } from './moving-client.ts';
import { commands, idle, readyServer, sharedServers } from './servers.ts';

const shared = sharedServers();

describe.each(commands)('a session that is moved between two `fastvideo %s`', (command) => {
  moveTests(shared, command, scenarios, 5);
});

describe('a session whose replica is killed', () => {
  const [scenario] = scenarios as [Scenario];
  let spare: ServerProcess;
  beforeAll(async () => {
    spare = await shared('serve', args);
  });

  it.each([3, 9, 17, 26])('behind %i messages goes on with another one', async (cut) => {
    await using server = await readyServer('serve', args);
    await using whole = await MovingClient.open({ path: '/v1/stream', next: () => spare.url });
    await scenario.play(whole);
    await whole[Symbol.asyncDispose]();
    await idle(spare);
    const urls = [server.url];
    const next = async () => {
      const url = urls.pop();
      if (url !== undefined) return url;
      server.signal('SIGKILL');
      await server.exited;
      return spare.url;
    };
    await using moved = await MovingClient.open({ path: '/v1/stream', cuts: [cut], next });
    await scenario.play(moved);
    expect(moved.moved).toBe(1);
    expect(told(moved)).toEqual(told(whole));
    expectShown(await picturesOf(moved), await picturesOf(whole), 'the film');
    await moved[Symbol.asyncDispose]();
    await idle(spare);
  });
});

describe.each(commands)('a drain of a session with checkpoints on `fastvideo %s`', (command) => {
  it('lets the segment end, says no error, and the session goes on elsewhere', () =>
    drainAtSegmentEnd(shared, command));

  it('cuts a segment off that does not end in time, and the next replica makes it', () =>
    drainInSegment(command));
});
