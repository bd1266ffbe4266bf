import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient, type Frame } from './client.ts';
import { failedStart, runs, workerPid } from './exec-programs.ts';
import { failedStarts } from './failed-starts.ts';
import { makeSegment } from './segment.ts';
import { idle, quick, readyServer } from './servers.ts';

const chosen = ['exits at once', 'refuses to start'];
it.each(failedStarts.filter(([what]) => chosen.includes(what)))(
  '`fastvideo serve` ends with exit code 1 and one line when its program %s',
  async (_, args, message) => {
    const { code, lastLine } = await failedStart([...quick, ...args]);
    expect(lastLine).toMatch(message);
    expect(code).toBe(1);
  },
);

it('`fastvideo serve` ends with exit code 1 and one line when there are adapters and its program takes none', async () => {
  const adapters = ['--generator.adapters', '[{"name": "pixar"}]'];
  const { code, lastLine } = await failedStart([...quick, ...runs('frames-worker'), ...adapters]);
  expect(lastLine).toMatch(/generator\.adapters: colour bars takes no adapters/);
  expect(code).toBe(1);
});

describe('a session whose program fails', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await readyServer('serve', [...quick, ...runs('frames-worker')]);
  });
  afterEach(async () => idle(server));
  afterAll(async () => server.stop());

  it.each([
    ['says so', 'fails', /^The bars are out of colour\.$/],
    [
      'gives a frame of the wrong size',
      'small',
      /^The worker sent a frame of 36861 bytes; 128x96 in RGB24 is 36864\.$/,
    ],
    ['gives half a sample', 'half', /not a whole number of float32 samples\.$/],
    ['sends encoded media', 'encoded', /"init" although it had announced raw frames\.$/],
    ['sends a state that lies elsewhere', 'blob', /^A blob at 10, 10 bytes, is outside a payload of 15\.$/],
  ])('is told so in one line when it %s, and goes on with the same program', async (_, word, message) => {
    await using client = await ContractClient.open(server.url);
    const before = await workerPid(server);
    expect(await errorOf(client, word)).toMatchObject({
      code: 'worker_failed',
      retryable: true,
      message: expect.stringMatching(message),
    });
    await makeSegment(client, 'bars again');
    expect(await workerPid(server)).toBe(before);
  });

  it.each([
    ['dies', 'dies', /The worker program .* exited with code 7: CUDA error: an illegal memory access$/],
    [
      'prints to its stdout',
      'prints',
      /wrote something that is not a message \(A message of \d+ \+ \d+ bytes is over the limit\.\)/,
    ],
  ])('is told so in one line when it %s, and goes on with a new one', async (_, word, message) => {
    await using client = await ContractClient.open(server.url);
    const before = await workerPid(server);
    const error = await errorOf(client, word);
    expect(error).toMatchObject({ code: 'worker_failed', retryable: true });
    expect(error['message']).toMatch(message);
    expect(error['message']).not.toMatch(/\n/);
    await makeSegment(client, 'bars again');
    expect(await workerPid(server)).not.toBe(before);
  });
});

/** Asks for a segment that fails, and gives the error that it ends in. */
async function errorOf(client: ContractClient, prompt: string): Promise<Frame> {
  client.prompt(prompt);
  for (;;) {
    const received = await client.next();
    if (received.kind === 'close') throw new Error(`The connection closed with ${received.code}.`);
    if (received.kind !== 'frame') continue;
    if (received.frame.type === 'error') return received.frame;
    if (received.frame.type === 'ltx2_segment_complete') throw new Error('The segment was made.');
  }
}
