import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { makeSegment } from './segment.ts';
import { type Command, idle, quick, type Shared } from './servers.ts';

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

const invalidFirst: readonly (readonly [string, string | Buffer, string])[] = [
  ['malformed JSON', '{"type": "session_init_v2"', 'invalid_init'],
  ['empty', '', 'invalid_init'],
  ['behind a byte order mark', '\ufeff{"type": "session_init_v2"}', 'invalid_init'],
  ['a list', '[{"type": "session_init_v2"}]', 'invalid_init'],
  ['null', 'null', 'invalid_init'],
  ['without a type', '{"curated_prompts": []}', 'invalid_init'],
  ['of an unknown type', '{"type": "session_init_v9"}', 'invalid_init'],
  ['binary', Buffer.from('{"type": "session_init_v2"}'), 'invalid_init'],
  ['of a wrong field', '{"type": "session_init_v2", "single_clip_mode": "yes"}', 'invalid_init'],
  ['nested too deeply', `{"type": "session_init_v2", "more": ${nested(50_000)}}`, 'invalid_init'],
  ['another valid frame', '{"type": "segment_prompt_source", "prompt": "a"}', 'expected_session_init_v2'],
  ['a leave', '{"type": "leave"}', 'expected_session_init_v2'],
];

const invalidLater: readonly (readonly [string, string | Buffer])[] = [
  ['malformed JSON', '{"type": '],
  ['what is behind a byte order mark', '\ufeff{"type": "leave"}'],
  ['a list', '[]'],
  ['without a type', '{}'],
  ['of an unknown type', '{"type": "make_me_a_film"}'],
  ['a server frame', '{"type": "media_init", "segment_idx": 0}'],
  ['binary', Buffer.from([0, 1, 2, 3])],
  [
    'what is nested too deeply',
    `{"type": "enhancement_updated", "enabled": false, "more": ${nested(50_000)}}`,
  ],
  ['a request without a prompt', '{"type": "segment_prompt_source"}'],
  ['a blank prompt', '{"type": "segment_prompt_source", "prompt": " \\n "}'],
  ['an unknown source', '{"type": "segment_prompt_source", "prompt": "a", "source": "robot"}'],
  ['steps out of range', '{"type": "segment_prompt_source", "prompt": "a", "num_inference_steps": 0}'],
  ['a broken seed', '{"type": "segment_prompt_source", "prompt": "a", "seed": 0.5}'],
  ['a toggle without a value', '{"type": "loop_generation_updated"}'],
  ['a count out of range', '{"type": "rewrite_seed_prompts", "count": 21}'],
  ['prompts that are no list', '{"type": "seed_prompts_updated", "seed_prompts": "a"}'],
];

export function invalidMessageTests(shared: Shared, command: Command): void {
  describe(`\`fastvideo ${command}\` and what is not valid`, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, [...quick, '--streaming.max_prompt_chars', '100']);
    });
    afterEach(async () => idle(server));

    it.each(invalidFirst)('refuses a first frame that is %s with close 1003', async (_, data, reason) => {
      await using client = await ContractClient.connect(server.url);
      client.sendRaw(data);
      const error = await client.frame();
      expect(error).toMatchObject({ type: 'error', code: 'invalid_message', retryable: false });
      expect(error['message']).toMatch(/\S/);
      expect(await client.next()).toEqual({ kind: 'close', code: 1003, reason });
    });

    it('refuses a client that sends nothing within the limit', async () => {
      const hasty = await shared(command, [...quick, '--streaming.init_timeout_seconds', '0.5']);
      await using client = await ContractClient.connect(hasty.url);
      expect(await client.frame()).toMatchObject({
        type: 'error',
        code: 'invalid_message',
        retryable: false,
      });
      expect(await client.next()).toMatchObject({ code: 1003, reason: 'invalid_init' });
    });

    it('refuses a first frame with a prompt that is too long', async () => {
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', curated_prompts: ['x'.repeat(101)] });
      expect(await client.frame()).toMatchObject({
        type: 'error',
        code: 'invalid_message',
        retryable: false,
      });
      expect(await client.next()).toMatchObject({ code: 1003, reason: 'invalid_init' });
    });

    it.each(invalidLater)(
      'answers %s in an open session with invalid_message and goes on',
      async (_, data) => {
        await using client = await ContractClient.open(server.url);
        client.sendRaw(data);
        const error = await client.frame();
        expect(error).toMatchObject({ type: 'error', code: 'invalid_message', retryable: true });
        expect(error['message']).toMatch(/\S/);
        await makeSegment(client, 'a fox');
      },
    );

    it('refuses a prompt over the limit, names the limit, and takes one of exactly the limit', async () => {
      await using client = await ContractClient.open(server.url);
      client.prompt('x'.repeat(101));
      const error = await client.frame();
      expect(error).toMatchObject({ type: 'error', code: 'invalid_message', retryable: true });
      expect(error['message']).toMatch(/101.*100/);
      await makeSegment(client, 'x'.repeat(100));
    });

    it('does not lose a segment to a mistake that comes while it is made', async () => {
      await using client = await ContractClient.open(server.url);
      client.prompt('a fox');
      client.sendRaw('not JSON');
      const types = new Set<string>();
      while (!types.has('ltx2_segment_complete') || !types.has('error')) {
        const received = await client.next();
        if (received.kind === 'frame') types.add(received.frame.type);
      }
    });
  });

  describe(`\`fastvideo ${command}\` and a message over server.max_message_bytes`, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, [...quick, '--server.max_message_bytes', '2048']);
    });

    it('closes that connection with 1009 and serves the others', async () => {
      await using other = await ContractClient.open(server.url);
      await using client = await ContractClient.connect(server.url);
      client.sendRaw(JSON.stringify({ type: 'session_init_v2', client_id: 'x'.repeat(4096) }));
      expect(await client.close()).toMatchObject({ code: 1009 });
      await makeSegment(other, 'a fox');
    });
  });
}
