import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ask } from './checkpoint-moves.ts';
import { ContractClient } from './client.ts';
import { type DecodedFrame, decodedFrames } from './decoded.ts';
import { MovingClient } from './moving-client.ts';
import { filtered, unsafe } from './safety-tests.ts';
import { type Command, idle, quick, type Shared } from './servers.ts';

/** Segments that last until they are cancelled, lossless: a picture is the same whatever was encoded before it. */
export const steerable = [
  ...quick,
  ...['--default_request.sampling.num_frames', '10000'],
  ...['--streaming.encoder.extra_args', '["-qp", "0"]'],
];
/** Made no faster than it plays, so that a film stays short. */
const init = { realtime: true };

async function pictures(client: MovingClient): Promise<DecodedFrame[]> {
  const frames = await decodedFrames(client.film());
  return frames.filter(({ track }) => track === 0);
}

/** Lets the segment go on until the client has more frames than so many, and ends it. */
async function endBehind(client: MovingClient, frames: number): Promise<DecodedFrame[]> {
  await waitFor(`frame ${frames}`, () => (client.alreadySent?.frames ?? 0) > frames);
  client.send({ type: 'cancel_segment' });
  await client.until('segment_cancelled');
  return await pictures(client);
}

async function opened(server: ServerProcess, fields: object = {}): Promise<MovingClient> {
  return await MovingClient.open({
    path: '/v1/stream',
    init: { ...init, ...fields },
    next: () => server.url,
  });
}

/** On one server, which is another replica to a client that comes back. */
export function changedPictureTests(server: () => ServerProcess): void {
  it('changes the picture from the frame on that is told, and another replica shows the same', async () => {
    await using client = await opened(server());
    expect(await client.until('gpu_assigned')).toMatchObject({ steering: true });
    ask(client, 'a red fox', { seed: 7 });
    await waitFor('the first pictures', () => (client.alreadySent?.frames ?? 0) > 0);
    client.send({ type: 'prompt_update', prompt: 'a blue sea', transition_ms: 500, segment_idx: 0 });
    const told = await client.until('prompt_updated');
    expect(told).toMatchObject({ segment_idx: 0, prompt: 'a blue sea' });
    const atFrame = Number(told['at_frame']);
    expect(client.alreadySent?.frames).toBeLessThanOrEqual(atFrame);
    const checkpoint = structuredClone(client.members);
    expect(checkpoint).toMatchObject({
      steering: { path: [{ at_frame: atFrame, prompt: 'a blue sea', transition_ms: 500 }], wish: null },
    });
    // Elsewhere, in the middle of the change.
    await waitFor('the change', () => (client.alreadySent?.frames ?? 0) > atFrame + 2);
    client.move();
    const moved = await endBehind(client, atFrame + 16);
    await client[Symbol.asyncDispose]();
    await idle(server());

    await using again = await opened(server(), { checkpoint });
    const whole = await endBehind(again, atFrame + 16);
    await again[Symbol.asyncDispose]();
    await idle(server());
    await using without = await opened(server());
    ask(without, 'a red fox', { seed: 7 });
    const unchanged = await endBehind(without, atFrame + 16);

    const count = Math.min(moved.length, whole.length, unchanged.length);
    expect(count).toBeGreaterThan(atFrame + 16);
    expect(moved.slice(0, count)).toEqual(whole.slice(0, count));
    expect(moved.slice(0, atFrame)).toEqual(unchanged.slice(0, atFrame));
    const differ = moved.slice(atFrame, count).filter(({ md5 }, at) => md5 !== unchanged[atFrame + at]?.md5);
    expect(differ).toHaveLength(count - atFrame);
  });
}

export function promptUpdateTests(shared: Shared, command: Command): void {
  describe(`\`prompt_update\` on \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, steerable);
    });
    beforeEach(async () => idle(server));
    const open = (fields: object = {}) => opened(server, fields);

    changedPictureTests(() => server);

    it('takes the newest of several, and goes on in the next segment with the prompt of that', async () => {
      await using client = await open();
      ask(client, 'a red fox');
      await client.until('media_init');
      for (const prompt of ['one', 'two', 'three']) client.send({ type: 'prompt_update', prompt });
      await client.until('prompt_updated', ({ prompt }) => prompt === 'three');
      client.send({ type: 'cancel_segment' });
      await client.until('segment_cancelled');
      expect(client.members).toMatchObject({ steering: null, history: ['a red fox', 'three'] });
      ask(client, 'a green fox');
      expect(await client.until('ltx2_segment_start')).toMatchObject({ prompt: 'a green fox' });
    });

    it.each([
      ['while no segment is being made', {}, /no segment is being made/],
      ['of a segment that is not the running one', { segment_idx: 3 }, /of segment 3 .* no segment is/],
      ['without words', { prompt: ' ' }, /must not be blank/],
      ['that takes longer than a minute', { transition_ms: 60_001 }, /transition_ms/],
    ])('is refused %s', async (_, fields, words) => {
      await using client = await ContractClient.open(server.url);
      client.send({ type: 'prompt_update', prompt: 'a blue sea', ...fields });
      const error = await client.until('error');
      expect(error).toMatchObject({
        code: 'invalid_message',
        retryable: true,
        about: { message: 'prompt_update' },
      });
      expect(error['message']).toMatch(words);
    });

    it('is refused of another segment than the one that is being made', async () => {
      await using client = await ContractClient.open(server.url, init);
      client.prompt('a red fox');
      await client.until('ltx2_segment_start');
      client.send({ type: 'prompt_update', prompt: 'a blue sea', segment_idx: 1 });
      expect((await client.until('error'))['message']).toMatch(/segment 1 cannot be changed: segment 0 is/);
      client.send({ type: 'leave' });
      await client.close();
    });
  });

  describe(`\`prompt_update\` behind the safety filter of \`fastvideo ${command}\``, () => {
    it('blocks what is unsafe, and lets through what is not', async () => {
      const server = await shared(command, [...steerable, ...filtered]);
      await using client = await ContractClient.open(server.url, init);
      client.prompt('a red fox walks through fresh snow');
      await client.until('media_init');
      client.send({ type: 'prompt_update', prompt: unsafe });
      expect(await client.until('error')).toMatchObject({
        code: 'prompt_blocked',
        about: { message: 'prompt_update' },
      });
      client.send({ type: 'prompt_update', prompt: 'a blue fox walks through fresh snow' });
      expect(await client.until('prompt_updated')).toMatchObject({
        prompt: 'a blue fox walks through fresh snow',
      });
      client.send({ type: 'leave' });
      await client.close();
    });
  });
}
