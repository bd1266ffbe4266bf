import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Session } from '../../../src/client/index.ts';
import { mediaEnd } from '../../../src/core/media/mp4/media-end.ts';
import { decodedFrames } from '../../contract/decoded.ts';
import { steerable } from '../../contract/prompt-update-tests.ts';
import { readyServer } from '../../contract/servers.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import { readyRouter, rowsOf } from '../router-process.ts';

describe('a steered session behind a router', () => {
  let replicas: ServerProcess[];
  let router: ServerProcess;
  beforeAll(async () => {
    replicas = await Promise.all([readyServer('serve', steerable), readyServer('serve', steerable)]);
    router = await readyRouter(replicas.map(({ url }) => url));
  });
  afterAll(async () => {
    await router?.stop();
    await Promise.all((replicas ?? []).map((replica) => replica.stop()));
  });

  async function killBusyReplica(): Promise<void> {
    const busy = (await rowsOf(router)).find(({ active_sessions }) => active_sessions > 0);
    const replica = replicas.find(({ url }) => url === busy?.url);
    if (!replica) throw new Error('No replica has the session.');
    replica.signal('SIGKILL');
  }

  /** Pictures of a film that is steered, loses its replica and goes on, or of one to which nothing happens. */
  async function film(steers: boolean, enough: (atFrame: number) => number) {
    const errors: unknown[] = [];
    const steered: number[] = [];
    const session = new Session({ url: router.url, webSocket: WebSocket, init: { realtime: true } });
    session.subscribe((event) => {
      if (event.type === 'error') errors.push(event.error.message);
      if (event.type === 'frame' && event.frame.type === 'prompt_updated') steered.push(event.frame.at_frame);
    });
    const parts: Uint8Array[] = [];
    let frames = 0;
    let killed = false;
    for await (const event of session.generate({ prompt: 'a red fox', seed: 7 })) {
      // A replica that goes on begins with an initialization segment of its own.
      if (event.type === 'init' && parts.length > 0) continue;
      if (event.type !== 'init' && event.type !== 'media') continue;
      parts.push(event.data);
      if (event.type === 'init') {
        if (steers) session.steer('a blue sea', { transitionMs: 0 });
        continue;
      }
      frames += mediaEnd(event.data)?.frames ?? 0;
      const [atFrame] = steered;
      if (steers && !killed && atFrame !== undefined && frames > atFrame) {
        killed = true;
        await killBusyReplica();
      }
      if ((!steers || atFrame !== undefined) && frames >= enough(atFrame ?? 0)) break;
    }
    await session.close();
    expect(errors).toEqual([]);
    const decoded = await decodedFrames(Buffer.concat(parts));
    return { steered, pictures: decoded.filter(({ track }) => track === 0).map(({ md5 }) => md5) };
  }

  it('goes on with the same words, without a gap, when its replica is killed', async () => {
    const more = 48;
    const { steered, pictures } = await film(true, (atFrame) => atFrame + more);
    expect(steered).toHaveLength(1);
    const [atFrame = 0] = steered;
    const { pictures: unchanged } = await film(false, () => atFrame + more);
    expect(pictures.slice(0, atFrame)).toEqual(unchanged.slice(0, atFrame));
    const later = pictures.slice(atFrame, atFrame + more);
    expect(later).toHaveLength(more);
    expect(later.filter((md5, index) => md5 === unchanged[atFrame + index])).toEqual([]);
  });
});
