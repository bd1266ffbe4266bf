import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { python } from '../support/python.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { failedStart, killWorker, workerPid } from './exec-programs.ts';
import { applyLora } from './lora-tests.ts';
import { model, picture, pythonServer, standIn } from './python-servers.ts';
import { makeSegment } from './segment.ts';
import { idle, statusOf } from './servers.ts';

const adapters = [
  { name: 'omninft', path: 'FastVideo/LTX2-OmniNFT-LoRA', base: true, strength: 0.5 },
  { name: 'pixar', path: 'owner/pixar', trigger: 'P1x4r', trigger_position: 'prepend' },
  { name: 'half', path: 'owner/half' },
  { name: 'broken', path: 'owner/broken' },
];
const declared = (list: readonly object[]) => ['--generator.adapters', JSON.stringify(list)];

describe('the adapters of FastVideo in Python', needs(python), () => {
  let folder: string;
  let record: string;
  let server: ServerProcess;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fastvideo-adapters-'));
    record = join(folder, 'record.jsonl');
    await writeFile(record, '');
    server = await pythonServer({ ...standIn, STAND_IN_RECORD: record }, declared(adapters));
  });
  afterEach(async () => {
    await idle(server);
    await applyLora(server, { strength: 0.5 });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** What the two layers of the model came to in the last run, and the prompt that it had. */
  const lastRun = async (): Promise<unknown> => {
    const entries = (await readFile(record, 'utf8')).trim().split('\n');
    const runs = entries.map((entry): object => JSON.parse(entry)).filter((entry) => 'weights' in entry);
    return runs.at(-1);
  };
  const applied = async () => (await statusOf(server)).gpu_status['0']?.['adapters'];

  it('are merged from the start on where they have a strength', async () => {
    expect(await applied()).toEqual({ omninft: 0.5 });
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'a fox');
    expect(await lastRun()).toMatchObject({ weights: { first: 0.5, second: 0.5 }, prompt: 'a fox' });
  });

  it('are merged from the next segment of a session on, with their triggers in its prompts', async () => {
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'a fox');
    const { status } = await applyLora(server, { strength: 0.25, styles: { pixar: 0.5 } });
    expect(status).toBe(200);
    const { start } = await makeSegment(client, 'a fox');
    expect(await lastRun()).toEqual({ weights: { first: 0.75, second: 0.75 }, prompt: 'P1x4r a fox' });
    expect(start['prompt']).toBe('a fox');
    expect(await applied()).toEqual({ omninft: 0.25, pixar: 0.5 });
  });

  it('are merged behind the segment that is being made', async () => {
    await using client = await ContractClient.open(server.url);
    client.prompt('steps one', { num_inference_steps: 100 });
    await client.until('ltx2_segment_start');
    const answer = applyLora(server, { strength: 1, styles: { half: 0.25 } });
    await client.until('ltx2_segment_complete');
    expect(await lastRun()).toMatchObject({ weights: { first: 0.5, second: 0.5 } });
    expect(await answer).toMatchObject({ status: 200 });
    await makeSegment(client, 'two');
    expect(await lastRun()).toMatchObject({ weights: { first: 1.25, second: 1 } });
  });

  it('are merged again in a worker that was started again', async () => {
    await using client = await ContractClient.open(server.url);
    await applyLora(server, { strength: 0.25, styles: { pixar: 0.5 } });
    await makeSegment(client, 'one');
    const before = await workerPid(server);
    await killWorker(server);
    await makeSegment(client, 'two');
    expect(await workerPid(server)).not.toBe(before);
    expect(await lastRun()).toEqual({ weights: { first: 0.75, second: 0.75 }, prompt: 'P1x4r two' });
    expect(await applied()).toEqual({ omninft: 0.25, pixar: 0.5 });
  });

  it('that cannot be merged are told in one line, leave the model loaded and those before applied', async () => {
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'one');
    const before = await workerPid(server);
    const message =
      'The adapter "broken" (owner/broken) could not be applied: owner/broken is no file of weights';
    expect(await applyLora(server, { strength: 1, styles: { broken: 1 } })).toEqual({
      status: 500,
      answer: { code: 'generator_failed', message, detail: message },
    });
    await makeSegment(client, 'two');
    expect(await lastRun()).toMatchObject({ weights: { first: 0.5, second: 0.5 } });
    expect(await workerPid(server)).toBe(before);
  });

  it('of a session are merged for its segments, and those of the server for the others', async () => {
    {
      await using client = await ContractClient.open(server.url, { lora: { strength: 0, style: 'pixar' } });
      await makeSegment(client, 'one');
      expect(await lastRun()).toEqual({ weights: { first: 1, second: 1 }, prompt: 'P1x4r one' });
      await applyLora(server, { strength: 0.25 });
      await makeSegment(client, 'two');
      expect(await lastRun()).toEqual({ weights: { first: 1, second: 1 }, prompt: 'P1x4r two' });
    }
    await idle(server);
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'three');
    expect(await lastRun()).toEqual({ weights: { first: 0.25, second: 0.25 }, prompt: 'three' });
  });

  it('of a session that cannot be merged fail its segment with one clear error', async () => {
    await using client = await ContractClient.open(server.url, { lora: { style: 'broken' } });
    client.prompt('one');
    expect(await client.until('error')).toMatchObject({
      code: 'worker_failed',
      message: expect.stringMatching(/^The adapter "broken" \(owner\/broken\) could not be applied: /),
    });
    expect(await applied()).toEqual({});
  });
});

describe('a start with adapters', needs(python), () => {
  it.each([
    [
      'that cannot be merged',
      [...model],
      [{ ...adapters[3], strength: 1 }],
      'The adapter "broken" (owner/broken)',
    ],
    [
      'and a model that can have none',
      ['--generator.model_path', 'FastVideo/LTX2-refine-lora'],
      adapters,
      'generator.adapters: The model refines with a LoRA of its own',
    ],
  ])('%s fails in one line', async (_, path, list, message) => {
    const { code, lastLine } = await failedStart([...path, ...picture, ...declared(list)], standIn);
    expect({ code, lastLine }).toEqual({ code: 1, lastLine: expect.stringContaining(message) });
  });
});
