import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient, type Received } from './client.ts';
import { makeSegment, readSegment } from './segment.ts';
import { type Command, endless, idle, promptsAsTheyAre, quick, type Shared } from './servers.ts';

/** `mock` writes prompts by itself unless it is told not to. */
const withoutProvider: Readonly<Record<Command, readonly string[]>> = { serve: [], mock: promptsAsTheyAre };

async function untilError(client: ContractClient) {
  for (;;) {
    const received = await client.next();
    if (received.kind === 'close') throw new Error('The connection closed.');
    if (received.kind === 'frame' && received.frame.type === 'error') return received.frame;
  }
}

export function steeringTests(shared: Shared, command: Command): void {
  describe(`a client that steers a session of \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, quick);
    });
    afterEach(async () => idle(server));

    it('has its requests held in order while it pauses', async () => {
      await using client = await ContractClient.open(server.url);
      client.send({ type: 'generation_paused_updated', paused: true });
      client.prompt('one');
      client.prompt('two');
      // Answered at once and in order: when it is, both requests have been taken and neither was begun.
      client.send({ type: 'snapshot_state' });
      expect(await client.frame()).toMatchObject({ type: 'error', code: 'internal_error' });
      client.send({ type: 'generation_paused_updated', paused: false });
      expect((await readSegment(client)).start).toMatchObject({ prompt: 'one', segment_idx: 0 });
      expect((await readSegment(client)).start).toMatchObject({ prompt: 'two', segment_idx: 1 });
    });

    it('is told with internal_error, not retryable, that there is no state before the first segment', async () => {
      await using client = await ContractClient.open(server.url);
      client.send({ type: 'snapshot_state' });
      expect(await client.frame()).toMatchObject({ type: 'error', code: 'internal_error', retryable: false });
      await makeSegment(client, 'a fox');
    });

    it('gets the continuation state after a segment', async () => {
      await using client = await ContractClient.open(server.url);
      await makeSegment(client, 'a fox');
      client.send({ type: 'snapshot_state' });
      expect(await client.frame()).toEqual({
        type: 'continuation_state_snapshot',
        state: { kind: expect.stringMatching(/./), payload: expect.any(Object) },
      });
    });

    it('is told that no segment is being made when it cancels one', async () => {
      await using client = await ContractClient.open(server.url);
      client.send({ type: 'cancel_segment' });
      expect(await client.frame()).toMatchObject({ type: 'error', code: 'invalid_message', retryable: true });
      await makeSegment(client, 'a fox');
    });

    it('may replace the curated prompts, which are not walked without loop or auto-extension', async () => {
      await using client = await ContractClient.open(server.url, { curated_prompts: ['never'] });
      client.send({ type: 'seed_prompts_updated', seed_prompts: ['nor this'] });
      expect((await makeSegment(client, 'asked for')).start['prompt']).toBe('asked for');
      client.send({ type: 'leave' });
      await client.close();
      expect(client.frames('ltx2_segment_start')).toHaveLength(1);
    });

    it('goes through the curated prompts again and again while loop generation is on', async () => {
      const curated_prompts = ['one', 'two'];
      await using client = await ContractClient.open(server.url, {
        curated_prompts,
        loop_generation_enabled: true,
      });
      const prompts = [];
      for (let count = 0; count < 5; count += 1) prompts.push((await readSegment(client)).start);
      expect(prompts.map(({ prompt }) => prompt)).toEqual(['one', 'two', 'one', 'two', 'one']);
      expect(new Set(prompts.map(({ source }) => source))).toEqual(new Set(['curated']));
    });

    it('is served before the curated prompts', async () => {
      const curated_prompts = ['curated'];
      await using client = await ContractClient.open(server.url, {
        curated_prompts,
        loop_generation_enabled: true,
      });
      client.prompt('mine');
      const mine = await client.until('ltx2_segment_start', ({ source }) => source === 'user');
      expect(mine['prompt']).toBe('mine');
      expect((await client.until('ltx2_segment_start'))['prompt']).toBe('curated');
    });

    it('may turn loop generation on and off in a running session', async () => {
      await using client = await ContractClient.open(server.url, { curated_prompts: ['again'] });
      client.send({ type: 'loop_generation_updated', enabled: true });
      expect((await readSegment(client)).start['prompt']).toBe('again');
      client.send({ type: 'loop_generation_updated', enabled: false });
      client.send({ type: 'seed_prompts_updated', seed_prompts: ['not walked'] });
      client.prompt('the last');
      await client.until('ltx2_segment_start', ({ prompt }) => prompt === 'the last');
      await client.until('ltx2_segment_complete');
      client.send({ type: 'leave' });
      await client.until('ltx2_stream_complete');
      expect(client.frames('ltx2_segment_start').map(({ prompt }) => prompt)).not.toContain('not walked');
    });

    it('walks the new curated prompts from the next segment on', async () => {
      const init = { curated_prompts: ['old'], loop_generation_enabled: true };
      await using client = await ContractClient.open(server.url, init);
      await client.until('ltx2_segment_start', ({ prompt }) => prompt === 'old');
      client.send({ type: 'seed_prompts_updated', seed_prompts: ['new one', ' ', 'new two'] });
      await client.until('ltx2_segment_start', ({ prompt }) => prompt === 'new one');
      expect((await client.until('ltx2_segment_start'))['prompt']).toBe('new two');
      expect((await client.until('ltx2_segment_start'))['prompt']).toBe('new one');
    });

    it('may turn the toggles off without an answer', async () => {
      await using client = await ContractClient.open(server.url);
      client.send({ type: 'enhancement_updated', enabled: false });
      client.send({ type: 'auto_extension_updated', enabled: false });
      client.send({ type: 'loop_generation_updated', enabled: false });
      client.prompt('a fox');
      expect((await client.frame()).type).toBe('ltx2_segment_start');
    });
  });

  describe(`a client of \`fastvideo ${command}\`, which has no prompt provider,`, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, [...quick, ...withoutProvider[command]]);
    });
    afterEach(async () => idle(server));

    it.each([
      [{ type: 'enhancement_updated', enabled: true }, 'enhancement'],
      [{ type: 'auto_extension_updated', enabled: true }, 'auto_extension'],
      [{ type: 'rewrite_seed_prompts', rewrite_instruction: 'at night' }, undefined],
    ])('is told how to configure a prompt provider when it sends %j without one', async (frame, toggle) => {
      await using client = await ContractClient.open(server.url);
      client.send(frame);
      const answer = await client.frame();
      expect(answer).toMatchObject({ type: 'error', code: 'invalid_message', retryable: true });
      expect(answer['about']).toEqual({ message: frame.type, ...(toggle ? { toggle } : {}) });
      expect(answer['message']).toMatch(/streaming\.prompt\.provider/);
      await makeSegment(client, 'a fox');
    });

    it.each(['enhancement_enabled', 'auto_extension_enabled'])(
      'is told how to configure a prompt provider when it opens with %s',
      async (toggle) => {
        await using client = await ContractClient.open(server.url, { [toggle]: true });
        const answer = await client.frame();
        expect(answer).toMatchObject({ type: 'error', code: 'invalid_message' });
        expect(answer['about']).toEqual({ toggle: toggle.replace('_enabled', '') });
        expect(answer['message']).toMatch(/streaming\.prompt\.provider/);
        await makeSegment(client, 'a fox');
      },
    );

    it('has the curated prompts walked once with auto-extension, which needs a provider only after them', async () => {
      const curated_prompts = ['one', 'two'];
      await using client = await ContractClient.open(server.url, {
        curated_prompts,
        auto_extension_enabled: true,
      });
      const isLast = (one: Received) =>
        one.kind === 'frame' && one.frame.type === 'ltx2_segment_complete' && one.frame.segment_idx === 1;
      while (!isLast(await client.next()));
      expect(client.frames('ltx2_segment_start').map(({ prompt }) => prompt)).toEqual(curated_prompts);
      expect(client.frames('error')).toHaveLength(1);
      expect((await makeSegment(client, 'asked for')).start).toMatchObject({
        segment_idx: 2,
        prompt: 'asked for',
      });
    });
  });

  describe(`a client that steers a long segment of \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, endless);
    });
    afterEach(async () => idle(server));

    it('gets segment_cancelled in place of ltx2_segment_complete, and the session lives on', async () => {
      await using client = await ContractClient.open(server.url);
      for (const segment_idx of [0, 1]) {
        client.prompt('a fox');
        await client.untilBinary();
        client.send({ type: 'cancel_segment' });
        expect(await client.until('segment_cancelled')).toEqual({ type: 'segment_cancelled', segment_idx });
      }
      expect(client.frames('ltx2_segment_complete')).toEqual([]);
    });

    it('gets segment_cancelled when it cancels as soon as the segment has begun', async () => {
      await using client = await ContractClient.open(server.url);
      client.prompt('a fox');
      await client.until('ltx2_segment_start');
      client.send({ type: 'cancel_segment' });
      expect(await client.until('segment_cancelled')).toEqual({ type: 'segment_cancelled', segment_idx: 0 });
    });

    it('has the next request served after a cancelled one', async () => {
      await using client = await ContractClient.open(server.url);
      client.prompt('one');
      client.prompt('two');
      await client.untilBinary();
      client.send({ type: 'cancel_segment' });
      await client.until('segment_cancelled');
      expect(await client.until('ltx2_segment_start')).toMatchObject({ prompt: 'two', segment_idx: 1 });
    });

    it('gets a snapshot while a segment is being made', async () => {
      await using client = await ContractClient.open(server.url);
      client.prompt('one');
      await client.untilBinary();
      client.send({ type: 'cancel_segment' });
      await client.until('segment_cancelled');
      client.prompt('two');
      await client.until('ltx2_segment_start');
      client.send({ type: 'snapshot_state' });
      await client.until('continuation_state_snapshot');
      expect(client.frames('media_segment_complete')).toHaveLength(1);
    });

    it('has eight requests wait, and the ninth refused as retryable while the session stays open', async () => {
      await using client = await ContractClient.open(server.url);
      client.prompt('running');
      await client.until('ltx2_segment_start');
      for (let count = 1; count <= 8; count += 1) client.prompt(`waiting ${count}`);
      client.prompt('the ninth');
      const refusal = await untilError(client);
      expect(refusal).toMatchObject({ code: 'invalid_message', retryable: true });
      client.send({ type: 'cancel_segment' });
      expect((await client.until('ltx2_segment_start'))['prompt']).toBe('waiting 1');
      client.prompt('now there is room');
      client.send({ type: 'cancel_segment' });
      expect((await client.until('ltx2_segment_start'))['prompt']).toBe('waiting 2');
      expect(client.frames('error')).toHaveLength(1);
    });

    it('may pause during a segment: that one goes on, the next waits', async () => {
      await using client = await ContractClient.open(server.url);
      client.prompt('one');
      client.prompt('two');
      await client.untilBinary();
      client.send({ type: 'generation_paused_updated', paused: true });
      await client.untilBinary();
      client.send({ type: 'cancel_segment' });
      await client.until('segment_cancelled');
      client.send({ type: 'snapshot_state' });
      // Nothing else lies between: the second request has not begun.
      expect((await client.frame()).type).toBe('continuation_state_snapshot');
      client.send({ type: 'generation_paused_updated', paused: false });
      expect((await client.frame())['prompt']).toBe('two');
    });

    it('ends the segment with the session when it leaves', async () => {
      await using client = await ContractClient.open(server.url);
      client.prompt('one');
      client.prompt('two');
      await client.untilBinary();
      client.send({ type: 'leave' });
      expect(await client.close()).toMatchObject({ code: 1000 });
      const last = client.received.findLast((received) => received.kind === 'frame');
      expect(last).toMatchObject({ frame: { type: 'ltx2_stream_complete', reason: 'stop_requested' } });
      // Neither request vanishes: the running one was cancelled, the waiting one refused.
      expect(client.frames('segment_cancelled')).toHaveLength(1);
      expect(client.frames('error')).toHaveLength(1);
    });

    it('frees the worker at once when it goes away in the middle of a segment', async () => {
      {
        await using client = await ContractClient.open(server.url);
        client.prompt('a fox');
        await client.untilBinary();
      }
      await idle(server);
      await using next = await ContractClient.open(server.url);
      next.prompt('another');
      await next.untilBinary();
    });
  });
}
