import { beforeAll, describe, expect, it } from 'vitest';
import { ContractClient, type Received } from './client.ts';
import { readJpegSegment } from './jpeg-segment.ts';
import { jpegs, legacyJpegTests, mock } from './legacy-jpeg-tests.ts';
import { quick, sharedServers } from './servers.ts';
import { StreamRules } from './stream-rules.ts';

const shared = sharedServers();

legacyJpegTests(shared, 'mock');

describe('the rules of the stream, on a recorded session with JPEG files that was changed', () => {
  let recorded: readonly Received[];
  beforeAll(async () => {
    const server = await shared('mock', [...quick, ...mock]);
    await using client = await ContractClient.open(server.url, jpegs);
    client.prompt('a fox');
    await readJpegSegment(client);
    recorded = [...client.received];
  });

  function problemsOf(session: readonly Received[]): string {
    const rules = new StreamRules();
    for (const received of session) if (received.kind === 'frame') rules.takeFrame(received.frame);
    return rules.problems.join();
  }
  const batchAt = () =>
    recorded.findIndex((received) => received.kind === 'frame' && received.frame.type === 'frame_batch');

  it('find nothing in it as it was', () => {
    expect(problemsOf(recorded)).toBe('');
  });

  it('find a batch that was lost', () => {
    expect(problemsOf(recorded.toSpliced(batchAt(), 1))).toMatch(/11 came|12 came|was due|\d frames/);
  });

  it('find a batch that came twice', () => {
    const batch = recorded[batchAt()];
    if (batch === undefined) throw new Error('There is no batch.');
    expect(problemsOf(recorded.toSpliced(batchAt(), 0, batch))).toMatch(/starts at 0, \d+ was due/);
  });
});
