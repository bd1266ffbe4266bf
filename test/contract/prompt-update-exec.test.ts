import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { runs } from './exec-programs.ts';
import { changedPictureTests, steerable } from './prompt-update-tests.ts';
import { idle, readyServer } from './servers.ts';

describe('`prompt_update` with a program that declares to take it', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await readyServer('serve', [...steerable, ...runs('frames-worker', 'steers')]);
  });
  beforeEach(async () => idle(server));
  afterAll(async () => server.stop());
  changedPictureTests(() => server);
});

it('`prompt_update` is in no log, also where the program writes it there', async () => {
  const program = runs('frames-worker', 'steers', 'mutters');
  await using server = await readyServer('serve', [...steerable, ...program]);
  await using client = await ContractClient.open(server.url);
  client.prompt('a red fox');
  await client.until('media_init');
  client.send({ type: 'prompt_update', prompt: 'a marigold harbour' });
  await client.until('prompt_updated');
  await waitFor('the line of the program', () => server.stderr().includes('now: '));
  expect(server.stderr()).toMatch(/now: \[redacted\]/);
  expect(server.stderr()).not.toContain('marigold');
  client.send({ type: 'leave' });
  await client.close();
});

it('`prompt_update` is refused with a program that does not declare to take it', async () => {
  await using server = await readyServer('serve', [...steerable, ...runs('frames-worker')]);
  await using client = await ContractClient.open(server.url);
  expect(client.frames('gpu_assigned')[0]).not.toHaveProperty('steering');
  client.prompt('a red fox');
  await client.until('media_init');
  client.send({ type: 'prompt_update', prompt: 'a blue sea' });
  const error = await client.until('error');
  expect(error).toMatchObject({ code: 'invalid_message', about: { message: 'prompt_update' } });
  expect(error['message']).toMatch(/"colour bars" cannot change a segment/);
  client.send({ type: 'leave' });
  await client.close();
});
