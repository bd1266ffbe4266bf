import { beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient, type Frame } from './client.ts';
import { makeSegment, readSegment } from './segment.ts';
import { type Command, endless, quick, readyServer, type Shared, statusOf } from './servers.ts';

export function limitTests(shared: Shared, command: Command): void {
  describe(`the segment cap of \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, [...quick, '--streaming.generation_segment_cap', '3']);
    });

    it('ends a session with ltx2_stream_complete segment_cap and close 1000', async () => {
      await using client = await ContractClient.open(server.url);
      for (const prompt of ['one', 'two', 'three']) await makeSegment(client, prompt);
      expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete', reason: 'segment_cap' });
      expect(await client.next()).toMatchObject({ kind: 'close', code: 1000 });
    });

    it('ends the walk through the curated prompts too', async () => {
      const init = { curated_prompts: ['one', 'two'], loop_generation_enabled: true };
      await using client = await ContractClient.open(server.url, init);
      const prompts = [];
      for (let count = 0; count < 3; count += 1) prompts.push((await readSegment(client)).start['prompt']);
      expect(prompts).toEqual(['one', 'two', 'one']);
      expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete', reason: 'segment_cap' });
      expect(await client.close()).toMatchObject({ code: 1000 });
    });

    it('answers the requests that still wait then, so that none vanishes', async () => {
      await using client = await ContractClient.open(server.url);
      for (const prompt of ['one', 'two', 'three', 'too many', 'far too many']) client.prompt(prompt);
      expect(await client.close()).toMatchObject({ code: 1000 });
      expect(client.frames('ltx2_segment_complete')).toHaveLength(3);
      expect(client.frames('error')).toHaveLength(2);
      // The cap is no error of anybody's.
      expect((await statusOf(server)).recent_errors).toEqual([]);
      expect(client.frames('ltx2_stream_complete')).toEqual([
        { type: 'ltx2_stream_complete', reason: 'segment_cap' },
      ]);
    });
  });

  describe(`the idle limit of \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, [...quick, '--streaming.session_timeout_seconds', '1']);
    });

    it('ends a session that says nothing with session_timeout and close 1000', async () => {
      await using client = await ContractClient.open(server.url);
      expect(client.frames('gpu_assigned')[0]).toMatchObject({ session_timeout: 1 });
      expect(await client.frame()).toEqual({ type: 'session_timeout', timeout_seconds: 1 });
      expect(await client.next()).toMatchObject({ kind: 'close', code: 1000 });
    });

    it('is told as 0 where there is none', async () => {
      const unlimited = await shared(command, [...quick, '--streaming.session_timeout_seconds', '0']);
      await using client = await ContractClient.open(unlimited.url);
      expect(client.frames('gpu_assigned')[0]).toMatchObject({ session_timeout: 0 });
      await makeSegment(client, 'a fox');
    });

    it('ends a paused session too, and answers the requests that wait in it', async () => {
      await using client = await ContractClient.connect(server.url);
      // All at once: the time may run as soon as the session is open.
      client.send({ type: 'session_init_v2' });
      client.send({ type: 'generation_paused_updated', paused: true });
      client.prompt('never made');
      expect((await client.take(3)).at(-1)?.type).toBe('ltx2_stream_start');
      expect((await client.frame()).type).toBe('error');
      expect((await client.frame()).type).toBe('session_timeout');
      expect(await client.next()).toMatchObject({ kind: 'close', code: 1000 });
    });
  });

  describe(`the time limit of one segment of \`fastvideo ${command}\``, () => {
    it('ends it with upstream_timeout, retryable, and the session stays open', async () => {
      await using server = await readyServer(command, [
        ...endless,
        '--streaming.segment_timeout_seconds',
        '0.5',
      ]);
      await using client = await ContractClient.open(server.url);
      for (const prompt of ['a fox', 'another']) {
        client.prompt(prompt);
        expect((await client.until('ltx2_segment_start')).prompt).toBe(prompt);
        expect(await untilError(client)).toMatchObject({ code: 'upstream_timeout', retryable: true });
      }
    });
  });
}

export function sessionLimitTests(shared: Shared, command: Command): void {
  describe(`the session limit of \`fastvideo ${command}\``, () => {
    it('refuses the next session with session_rejected, not retryable, and close 1013', async () => {
      const server = await shared(command, [...quick, '--streaming.max_sessions', '1']);
      await using first = await ContractClient.open(server.url);
      await using second = await ContractClient.connect(server.url);
      second.send({ type: 'session_init_v2' });
      expect(await second.frame()).toMatchObject({
        type: 'error',
        code: 'session_rejected',
        retryable: false,
      });
      expect(await second.next()).toEqual({ kind: 'close', code: 1013, reason: 'session_rejected' });
      await makeSegment(first, 'a fox');
    });

    it('lets a session in again when one has left', async () => {
      const server = await shared(command, [...quick, '--streaming.max_sessions', '1']);
      await using first = await ContractClient.open(server.url);
      first.send({ type: 'leave' });
      await first.close();
      await using second = await ContractClient.open(server.url);
      await makeSegment(second, 'a fox');
    });
  });
}

/** For the top of a file. */
export function waitingTests(): void {
  describe('two workers of `fastvideo serve`', () => {
    it('serve two sessions at once, and the third waits', async () => {
      await using server = await readyServer('serve', [...endless, '--streaming.pool.num_workers', '2']);
      await waitFor('second worker', async () => (await statusOf(server)).available_gpus === 2);
      await using first = await ContractClient.open(server.url);
      await using second = await ContractClient.open(server.url);
      const gpus = [first, second].map((client) => client.frames('gpu_assigned')[0]?.['gpu_id']);
      expect(gpus.sort()).toEqual([0, 1]);
      first.prompt('a fox');
      second.prompt('a bear');
      await Promise.all([first.untilBinary(), second.untilBinary()]);
      await using third = await ContractClient.connect(server.url);
      third.send({ type: 'session_init_v2' });
      expect(await third.frame()).toMatchObject({ type: 'queue_status', position: 1 });
    });
  });

  describe('the acquire time-out of `fastvideo serve`', () => {
    it('ends the wait with gpu_unavailable, retryable, and close 1013', async () => {
      await using server = await readyServer('serve', [...quick, '--streaming.acquire_timeout_seconds', '1']);
      await using first = await ContractClient.open(server.url);
      await using second = await ContractClient.connect(server.url);
      second.send({ type: 'session_init_v2' });
      expect((await second.frame()).type).toBe('queue_status');
      expect(await untilError(second)).toMatchObject({ code: 'gpu_unavailable', retryable: true });
      expect(await second.next()).toMatchObject({ kind: 'close', code: 1013 });
      await makeSegment(first, 'a fox');
    });
  });
}

async function untilError(client: ContractClient): Promise<Frame> {
  for (;;) {
    const received = await client.next();
    if (received.kind === 'close') throw new Error(`The connection closed with ${received.code}.`);
    if (received.kind === 'frame' && received.frame.type === 'error') return received.frame;
  }
}
