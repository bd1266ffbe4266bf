import { expect } from 'vitest';
import type { WebSocket } from 'ws';
import { waitFor } from '../../support/wait-for.ts';
import { type FakeReplica, fakeReplica, letIn, type RunningRouter } from './fake-replica.ts';

export const bufferBytes = 64 * 1024;
const messageBytes = 32 * 1024;
/** More than the buffers of the system between three sockets hold. */
export const messages = 2048;
/** The limit, the message that crossed it, and what one read of the socket brings after the pause. */
export const mostBytes = bufferBytes + messageBytes + 128 * 1024;

export async function held(router: RunningRouter): Promise<number> {
  const line = (await router.metrics())
    .split('\n')
    .find((one) => one.startsWith('fastvideo_router_buffered'));
  return Number(line?.split(' ')[1]);
}

/** Waits until the flooded side takes nothing more; the router must never have held more than it may. */
export async function standsStill(
  router: RunningRouter,
  flooding: WebSocket,
  most: number = mostBytes,
): Promise<void> {
  let before = -1;
  let same = 0;
  await waitFor('held sender', async () => {
    const now = await held(router);
    expect(now).toBeLessThanOrEqual(most);
    // A router that has had no time holds nothing.
    same = flooding.bufferedAmount === before && before > 0 && now > bufferBytes / 2 ? same + 1 : 0;
    before = flooding.bufferedAmount;
    return same >= 10;
  });
}

export function flood(socket: WebSocket): void {
  for (let index = 0; index < messages; index += 1) socket.send(numbered(index));
}

/** Its bytes tell whether others came into its place on the way. */
export function numbered(index: number): Buffer {
  const data = Buffer.alloc(messageBytes, index % 251);
  data.writeUInt32BE(index);
  return data;
}

/** The number of a message, if it is as it was sent. */
export function numberOf(data: Buffer | string): number | string {
  if (!Buffer.isBuffer(data)) return data;
  const index = data.readUInt32BE();
  return data.equals(numbered(index)) ? index : `${index}, but with other bytes`;
}

export const numbers = Array.from({ length: messages }, (_, index) => index);

export async function replicaWith(open: (socket: WebSocket) => void): Promise<FakeReplica> {
  return await fakeReplica({
    serve: (socket) => {
      letIn(socket);
      open(socket);
    },
  });
}
