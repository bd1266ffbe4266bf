import { describe, it } from 'vitest';
import { ContractClient } from '../contract/client.ts';
import { endless, readyServer } from '../contract/servers.ts';
import { readyRouter } from './router-process.ts';

const bufferBytes = 64 * 1024;

describe('a client that does not read', () => {
  it('slows nobody else', async () => {
    const buffer = ['--streaming.client_buffer_bytes', String(bufferBytes)];
    await using replica = await readyServer('mock', [...endless, ...buffer]);
    await using router = await readyRouter([replica.url], { buffer_bytes: bufferBytes });
    await using slow = await ContractClient.open(router.url);
    slow.prompt('never ends');
    await slow.untilBinary();
    slow.socket.pause();
    await using other = await ContractClient.open(router.url);
    other.prompt('never ends either');
    for (let count = 0; count < 20; count += 1) await other.untilBinary();
  });
});
