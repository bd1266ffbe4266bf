import { expect, it } from 'vitest';
import { ContractClient } from './client.ts';
import { goesOnTests, init, small } from './resume-store-tests.ts';
import { makeSegment } from './segment.ts';
import { readyServer } from './servers.ts';
import { describeSharedStores } from './shared-stores.ts';

describeSharedStores(
  (kind) => `a session of \`fastvideo serve\` that is kept in ${kind}`,
  (makeStore) => {
    goesOnTests('serve', makeStore, ['was stopped', 'was killed']);

    it('goes on behind each segment that its client was told to be complete, also when its server is killed then', async () => {
      await using store = await makeStore();
      await using server = await readyServer('serve', [...small, '--streaming.store', store.url]);
      await using client = await ContractClient.open(server.url, init);
      await makeSegment(client, 'a red fox', { seed: 7 });
      client.socket.on('message', (data: Buffer, isBinary) => {
        if (!isBinary && data.includes('"ltx2_segment_complete"')) server.signal('SIGKILL');
      });
      client.send({ type: 'segment_prompt_source', prompt: 'a red fox in the snow', seed: 8 });
      expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
      expect((await store.records()).map(({ record }) => record.next_segment_idx)).toEqual([2]);
    });
  },
);
