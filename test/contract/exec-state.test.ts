import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { args, expectContinued, firstSegment, second, snapshot } from './bars-state.ts';
import { ContractClient } from './client.ts';
import { killWorker, workerPid } from './exec-programs.ts';
import { makeSegment } from './segment.ts';
import { idle, quickFrames, readyServer } from './servers.ts';

describe('the continuation state of a program, with bytes and long texts in it', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await readyServer('serve', args);
  });
  afterEach(async () => idle(server));
  afterAll(async () => server.stop());

  it('comes to the client with its bytes in base64 and its texts whole', async () => {
    const { state } = await firstSegment(server);
    expect(state).toMatchObject({
      kind: 'test.bars.v1',
      payload: { next_frame: quickFrames, taken: null, empty: { $base64: '' } },
    });
    const [{ latents }, text] = state.payload.deep;
    const bytes = Buffer.from((latents as { $base64: string }).$base64, 'base64');
    const due = Uint8Array.from({ length: 70_001 }, (_, index) => (index * 7 + quickFrames * 13) % 256);
    expect(bytes.equals(due)).toBe(true);
    expect(text).toBe(`\uFEFF${`frame ${quickFrames} é 漢 \u{1F98A} "\\ \n`.repeat(1500)}`);
  });

  it('comes back to the program in the next segment of the session', async () => {
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'one');
    await expectContinued(client, await snapshot(client));
  });

  it('comes to another process of the program when the worker was killed between two segments', async () => {
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'one');
    const state = await snapshot(client);
    const before = await workerPid(server);
    await killWorker(server);
    await expectContinued(client, state);
    expect(await workerPid(server)).not.toBe(before);
  });

  it('comes through the store when the session is resumed with another worker', async () => {
    const { state, resume } = await firstSegment(server);
    await idle(server);
    await killWorker(server);
    await using client = await ContractClient.open(server.url, { resume }, second());
    await expectContinued(client, state);
  });

  it('comes out of the hands of a client, with base64 for bytes', async () => {
    const { state } = await firstSegment(server);
    await idle(server);
    await using client = await ContractClient.open(server.url, { continuation_state: state });
    expect(await snapshot(client)).toEqual(state);
    await expectContinued(client, state);
  });

  it('comes out of the hands of a client that has references only', async () => {
    const { state, referenced } = await firstSegment(server);
    const reference = (encoding: string, bytes: number) => ({
      $ref: { blob_id: expect.stringMatching(/./), encoding, bytes },
    });
    const textBytes = Buffer.byteLength(state.payload.deep[1] as string);
    expect(referenced.payload).toEqual({
      next_frame: quickFrames,
      taken: null,
      small: 'é',
      deep: [{ latents: reference('binary', 70_001) }, reference('utf8', textBytes)],
      empty: reference('binary', 0),
    });
    await idle(server);
    await using client = await ContractClient.open(server.url, { continuation_state: referenced });
    expect(await snapshot(client)).toEqual(state);
    await expectContinued(client, state);
  });

  it('is refused by the program when a client has changed a byte of it, and the session goes on', async () => {
    const { state } = await firstSegment(server);
    const [{ latents }, text] = state.payload.deep;
    const bytes = Buffer.from((latents as { $base64: string }).$base64, 'base64');
    bytes[4711] = 255 - (bytes[4711] ?? 0);
    const deep = [{ latents: { $base64: bytes.toString('base64') } }, text];
    await idle(server);
    await using client = await ContractClient.open(server.url, {
      continuation_state: { ...state, payload: { ...state.payload, deep } },
    });
    client.prompt('two');
    expect(await client.until('error')).toMatchObject({
      code: 'preset_mismatch',
      message: 'The state is not what this worker sent.',
      retryable: false,
    });
  });

  it.each([
    ['refers to a blob of nobody', { $ref: { blob_id: 'nobody', encoding: 'binary', bytes: 5 } }, 'nobody'],
  ])('is refused at once when it %s', async (_, latents, named) => {
    await using client = await ContractClient.connect(server.url);
    const continuation_state = { kind: 'test.bars.v1', payload: { latents } };
    client.send({ type: 'session_init_v2', continuation_state });
    const error = await client.frame();
    expect(error).toMatchObject({ type: 'error', code: 'preset_mismatch', retryable: false });
    expect(error['message']).toContain(named);
    expect(await client.next()).toMatchObject({ kind: 'close', code: 1003 });
  });

  it('is refused in one line when it claims to lie in a message where it does not', async () => {
    const latents = { $blob: { offset: 0, length: 10 ** 6, encoding: 'binary' } };
    const continuation_state = { kind: 'test.bars.v1', payload: { latents } };
    await using client = await ContractClient.open(server.url, { continuation_state });
    client.prompt('two');
    const error = await client.until('error');
    expect(error).toMatchObject({ code: 'preset_mismatch', retryable: false });
    expect(error['message']).toMatch(/^The continuation state cannot be read: .*outside.*$/);
  });
});
