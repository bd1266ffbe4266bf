import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient, type Frame } from './client.ts';
import { difference, filmOf, frameOf } from './film.ts';
import { makeSegment } from './segment.ts';
import { type Command, idle, quick, quickFrames, type Shared } from './servers.ts';

/** Steps of 0 to 255 that two encodings of the same picture may differ by. */
const sameMade = 1;

async function lastFrame(client: ContractClient): Promise<Frame> {
  await client.close();
  const frames = client.received.flatMap((one) => (one.kind === 'frame' ? [one.frame] : []));
  const last = frames.at(-1);
  if (last === undefined) throw new Error('No frame came.');
  return last;
}

export function continuationTests(shared: Shared, command: Command): void {
  describe(`a continuation state of \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, quick);
    });
    afterEach(async () => idle(server));

    async function snapshot(client: ContractClient): Promise<Frame['state']> {
      client.send({ type: 'snapshot_state' });
      return (await client.until('continuation_state_snapshot'))['state'];
    }

    /** One session of two segments, with the state between them. */
    async function uninterrupted() {
      await using client = await ContractClient.open(server.url);
      const first = await makeSegment(client, 'a red fox');
      const state = await snapshot(client);
      const second = await makeSegment(client, 'a red fox');
      return { film: filmOf([first, second]), state };
    }

    it('lets a new session go on with the picture that would have come next', async () => {
      const { film, state } = await uninterrupted();
      await idle(server);
      await using later = await ContractClient.open(server.url, { continuation_state: state });
      const continued = filmOf([await makeSegment(later, 'a red fox')]);
      const due = await frameOf(film, quickFrames);
      expect(difference(await frameOf(continued, 0), due)).toBeLessThan(sameMade);
      // The comparison can tell: the film's first picture is another one.
      expect(difference(await frameOf(film, 0), due)).toBeGreaterThan(2 * sameMade);
    });

    it('comes unasked at the segment cap to who asked for it, so that another session continues', async () => {
      const capped = await shared(command, [...quick, '--streaming.generation_segment_cap', '1']);
      await using client = await ContractClient.open(capped.url, { final_state: true });
      client.prompt('a red fox');
      await client.until('ltx2_segment_complete');
      const { state } = await client.frame();
      expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete', reason: 'segment_cap' });
      const next = { final_state: true, continuation_state: state };
      await using later = await ContractClient.open(capped.url, next);
      expect(await snapshot(later)).toEqual(state);
      // `serve` has one worker.
      await later[Symbol.asyncDispose]();
      await using plain = await ContractClient.open(capped.url, {
        final_state: true,
        single_clip_mode: true,
      });
      plain.prompt('a red fox');
      await plain.until('ltx2_segment_complete');
      expect(await plain.frame()).toEqual({ type: 'ltx2_stream_complete', reason: 'segment_cap' });
    });

    it('is the state of the new session at once', async () => {
      const { state } = await uninterrupted();
      await idle(server);
      await using later = await ContractClient.open(server.url, { continuation_state: state });
      expect(await snapshot(later)).toEqual(state);
    });

    it('changes with each segment', async () => {
      await using client = await ContractClient.open(server.url);
      await makeSegment(client, 'a red fox');
      const first = await snapshot(client);
      await makeSegment(client, 'a red fox');
      expect(await snapshot(client)).not.toEqual(first);
    });

    it('is not carried from clip to clip in single_clip_mode', async () => {
      await using client = await ContractClient.open(server.url, { single_clip_mode: true });
      const first = await makeSegment(client, 'a red fox', { seed: 3 });
      const second = await makeSegment(client, 'a red fox', { seed: 3 });
      // The second clip alone would lack the time before it: tfdt goes on through the session.
      const film = filmOf([first, second]);
      expect(difference(await frameOf(film, 0), await frameOf(film, quickFrames))).toBeLessThan(sameMade);
    });

    it('of another kind is refused with preset_mismatch and close 1003', async () => {
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', continuation_state: { kind: 'of:another', payload: {} } });
      const error = await lastFrame(client);
      expect(error).toMatchObject({ type: 'error', code: 'preset_mismatch', retryable: false });
      expect(error['message']).toMatch(/of:another/);
      expect(client.received.at(-1)).toMatchObject({ kind: 'close', code: 1003 });
    });

    it('of the right kind with a broken payload is answered with an error that names it, and loses nothing', async () => {
      const { state } = await uninterrupted();
      await idle(server);
      const broken = { ...(state as object), payload: { nonsense: true } };
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', continuation_state: broken });
      await client.until('ltx2_stream_start');
      client.prompt('a red fox');
      for (;;) {
        const received = await client.next();
        if (received.kind !== 'frame' || received.frame.type !== 'error') continue;
        expect(received.frame).toMatchObject({ code: 'preset_mismatch', retryable: false });
        break;
      }
      client.send({ type: 'leave' });
      expect(await client.close()).toMatchObject({ code: 1000 });
    });
  });

  describe(`a preset of \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, [...quick, '--generator.pipeline.preset', 'this_one']);
    });
    afterEach(async () => idle(server));

    it('that is another one than the loaded is refused with preset_mismatch and close 1003', async () => {
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', preset: 'that_one' });
      const error = await lastFrame(client);
      expect(error).toMatchObject({ type: 'error', code: 'preset_mismatch', retryable: false });
      expect(error.message).toMatch(/that_one.*this_one/);
      expect(client.received.at(-1)).toMatchObject({ kind: 'close', code: 1003 });
    });

    it('that is the loaded one, or none, is served', async () => {
      for (const init of [{ preset: 'this_one' }, {}]) {
        await using client = await ContractClient.open(server.url, init);
        await makeSegment(client, 'a fox');
        client.send({ type: 'leave' });
        await client.close();
        await idle(server);
      }
    });
  });
}
