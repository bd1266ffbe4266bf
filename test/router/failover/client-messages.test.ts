import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { waitFor } from '../../support/wait-for.ts';
import { reject, routerFor } from '../relay/fake-replica.ts';
import { RawClient } from '../relay/raw-client.ts';
import {
  checkpoint,
  dies,
  heard,
  init,
  open,
  type ScriptedReplica,
  say,
  scripted,
  transparent,
} from './scripted-replica.ts';

const unseen = { type: 'set_loop', enabled: true };
const cancel = { type: 'cancel_segment' };
const prompt = { type: 'segment_prompt_source', prompt: 'a bear' };
const last = { type: 'leave' };

/** Lets one session in, works on its first message, and drops it at the second. */
async function losing(): Promise<ScriptedReplica> {
  let isFull = false;
  return await scripted((socket, number) => {
    if (number === 0 && isFull) reject(socket, true);
    else if (number === 0) open(socket, 'one');
    else if (number === 1) say(socket, checkpoint({ n: 'worked on' }, { frames: 0, seen: 1 }));
    else dies(socket);
    isFull = true;
  });
}

async function lostAfterTwoMessages(routerUrl: string): Promise<RawClient> {
  const client = await RawClient.connect(routerUrl, { first: init });
  await waitFor('stream start', () => client.types().includes('ltx2_stream_start'));
  await speak(client, { type: 'worked on' }, unseen);
  return client;
}

async function speak(client: RawClient, ...messages: object[]): Promise<void> {
  for (const message of messages) client.socket.send(JSON.stringify(message));
  await heard(client);
}

async function hears(replica: ScriptedReplica, message: { readonly type: string }): Promise<void> {
  await waitFor(message.type, () => replica.got.some(({ type }) => type === message.type));
}

describe('what a client says while its session is moved', () => {
  it('comes to the next replica once, in order, when that has let the session in', async () => {
    await using first = await losing();
    await using second = await scripted(() => undefined);
    await using router = await routerFor([first, second], transparent);
    await using client = await lostAfterTwoMessages(router.url);
    await waitFor('opening', () => second.got.length === 1);
    await speak(client, cancel, prompt);
    expect(second.got).toHaveLength(1);
    open(second.socket(), 'two');
    await hears(second, prompt);
    await speak(client, last);
    await hears(second, last);
    expect(second.got).toMatchObject([{ checkpoint: { n: 'worked on' } }, unseen, cancel, prompt, last]);
  });

  it.each([
    ['breaks off before it has the session', (socket: WebSocket) => socket.terminate()],
    ['goes away before it has the session', (socket: WebSocket) => socket.close(1001)],
    ['refuses it', (socket: WebSocket) => reject(socket, true)],
  ])('comes to the one after it, when the next one %s', async (_, fail) => {
    await using first = await losing();
    await using second = await scripted(() => undefined);
    await using third = await scripted(() => undefined);
    await using router = await routerFor([first, second, third], transparent);
    await using client = await lostAfterTwoMessages(router.url);
    await waitFor('opening', () => second.got.length === 1);
    await speak(client, cancel);
    fail(second.socket());
    await waitFor('next opening', () => third.got.length === 1);
    await speak(client, prompt);
    open(third.socket(), 'three');
    await hears(third, prompt);
    await speak(client, last);
    await hears(third, last);
    expect(second.got).toHaveLength(1);
    expect(third.got).toMatchObject([{ checkpoint: { n: 'worked on' } }, unseen, cancel, prompt, last]);
  });

  it.each([
    ['nothing', { seen: 0, pending: [] as number[] }, [unseen, cancel, prompt]],
    ['a part', { seen: 2, pending: [] as number[] }, [prompt]],
    ['all but one', { seen: 3, pending: [2] }, [cancel]],
  ])(
    'comes again to the one after it when the next one was lost and had worked on %s',
    async (_, worked, left) => {
      await using first = await losing();
      await using second = await scripted((socket, number) => {
        if (number !== 3) return;
        say(socket, checkpoint({ n: 1 }, { frames: 0, ...worked }));
        dies(socket);
      });
      await using third = await scripted((socket, number) => number === 0 && open(socket, 'three'));
      await using router = await routerFor([first, second, third], transparent);
      await using client = await lostAfterTwoMessages(router.url);
      await waitFor('opening', () => second.got.length === 1);
      await speak(client, cancel, prompt);
      open(second.socket(), 'two');
      await hears(third, left.at(-1) ?? prompt);
      await speak(client, last);
      await hears(third, last);
      expect(second.got.slice(1)).toEqual([unseen, cancel, prompt]);
      expect(third.got).toMatchObject([{ checkpoint: { n: 1 } }, ...left, last]);
    },
  );
});
