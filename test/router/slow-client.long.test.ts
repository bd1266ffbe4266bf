import { describe, expect, it } from 'vitest';
import { ContractClient } from '../contract/client.ts';
import { endless, readyServer } from '../contract/servers.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { metricOf, readyRouter } from './router-process.ts';

const bufferBytes = 64 * 1024;
/** What ws may hand over after a pause: the message that crossed the limit, and what one read of the socket ends. */
const twoMessagesBytes = 4 * 1024 * 1024;
/** JPEG fills the buffers of the system between the processes far sooner than video does. */
const jpeg = { stream_mode: 'legacy_jpeg' };

async function mediaBytes(replica: ServerProcess): Promise<number> {
  const status = (await (await fetch(`${replica.url}/status`)).json()) as { totals: { media_bytes: number } };
  return status.totals.media_bytes;
}

describe('a client that does not read', () => {
  it('holds its generator, with few bytes in the router, and gets everything when it reads on', async () => {
    const buffer = ['--streaming.client_buffer_bytes', String(bufferBytes)];
    await using replica = await readyServer('mock', [...endless, ...buffer]);
    await using router = await readyRouter([replica.url], { buffer_bytes: bufferBytes });
    await using client = await ContractClient.open(router.url, jpeg);
    client.prompt('never ends');
    await client.until('frame_batch');
    client.socket.pause();
    // Held when nothing more is made from one look to the next, several times in a row.
    let before = -1;
    let same = 0;
    await waitFor('a generator that is held', async () => {
      const now = await mediaBytes(replica);
      same = now === before ? same + 1 : 0;
      before = now;
      return same >= 20;
    });
    const buffered = await metricOf(router, 'fastvideo_router_buffered_bytes');
    // It is filled above its limit, and filled again at half of it.
    expect(buffered).toBeGreaterThan(bufferBytes / 2);
    expect(buffered).toBeLessThan(bufferBytes + twoMessagesBytes);
    client.socket.resume();
    await waitFor('more media', async () => (await mediaBytes(replica)) > before + twoMessagesBytes);
    client.assertRules();
  });
});
