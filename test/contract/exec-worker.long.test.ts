import { describe, expect, it } from 'vitest';
import { ContractClient } from './client.ts';
import { runs } from './exec-programs.ts';
import { endless, readyServer, statusOf } from './servers.ts';

describe.each(['frames-worker', 'media-worker'] as const)('a long segment of %s', (program) => {
  it('is held while the client does not read, and ends when it is cancelled', async () => {
    await using server = await readyServer('serve', [...endless, ...runs(program)]);
    await using client = await ContractClient.open(server.url);
    client.prompt('a long one');
    await client.untilBinary();
    client.socket.pause();
    client.send({ type: 'cancel_segment' });
    client.prompt('the next');
    client.socket.resume();
    await client.until('segment_cancelled');
    expect(await client.until('ltx2_segment_start')).toMatchObject({ segment_idx: 1, prompt: 'the next' });
    await client.untilBinary();
    await client.untilBinary();
    client.send({ type: 'cancel_segment' });
    await client.until('segment_cancelled');
    expect((await statusOf(server)).gpu_status['0']).toMatchObject({ restarts: 0 });
  });
});
