import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hangLimitMs } from '../../support/hang-limit.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import { type StandInProvider, startStandInProvider } from '../../support/stand-in-provider.ts';
import { waitFor } from '../../support/wait-for.ts';
import { MovingClient } from '../moving-client.ts';
import { idle, quick, readyServer } from '../servers.ts';
import { ProjectClient } from './project-client.ts';

const list = '1. a\n2. b\n3. c\n4. d\n5. e\n6. f';
const operators = { rewrite: 'Rewrite them.', rewrite_user: 'Write them.' };

let directory: string;
let provider: StandInProvider;
let server: ServerProcess;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-prompts-'));
  for (const [name, text] of Object.entries(operators)) await writeFile(join(directory, `${name}.txt`), text);
  provider = await startStandInProvider();
  server = await readyServer('serve', [
    ...quick,
    ...['--streaming.prompt.enabled', 'true', '--streaming.prompt.provider', 'openai'],
    ...['--streaming.prompt.base_url', provider.baseUrl, '--streaming.prompt.model', 'words'],
    ...['--streaming.prompt.timeout_ms', String(hangLimitMs)],
    ...['--streaming.prompt.system_prompt_dir', directory],
  ]);
});
afterEach(() => idle(server));
afterAll(async () => {
  await server.stop();
  await provider.stop();
  await rm(directory, { recursive: true });
});

/** What the model was told and asked by the rewrite that ends now. */
async function rewritten(client: Pick<ProjectClient, 'until'>) {
  const started = await client.until('rewrite_seed_prompts_started');
  const complete = await client.until('rewrite_seed_prompts_complete');
  const { system, body } = provider.calls.at(-1) ?? {};
  const { model, temperature } = body ?? {};
  expect(started).toEqual({ type: 'rewrite_seed_prompts_started', model });
  expect(complete).toMatchObject({ fallback_used: false, model });
  return { system, model, temperature };
}

describe('what a client of /ws says about rewrites', () => {
  const told = {
    rewrite_window_system_prompt: '  Rewrite mine. ',
    rewrite_user_system_prompt: 'Write mine.',
    rewrite_model: 'other',
    rewrite_temperature: 0.25,
  };

  it("is the operator's word while it says nothing, or blanks", async () => {
    provider.reply({ kind: 'answer', content: list });
    const blank = {
      rewrite_window_system_prompt: ' \n',
      rewrite_user_system_prompt: null,
      rewrite_model: '',
    };
    for (const said of [{}, blank]) {
      await using client = await ProjectClient.open(server.url, {
        initial_rollout_prompt: 'a heist',
        ...said,
      });
      const asked = { model: 'words', temperature: 0.7 };
      expect(await rewritten(client)).toEqual({ ...asked, system: operators.rewrite_user });
      client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'rain', ...said });
      expect(await rewritten(client)).toEqual({ ...asked, system: operators.rewrite });
    }
  });

  it('holds for one rewrite; what the next one leaves out is as the operator has it', async () => {
    provider.reply({ kind: 'answer', content: list });
    await using client = await ProjectClient.open(server.url, { initial_rollout_prompt: 'a heist', ...told });
    const asked = { model: 'other', temperature: 0.25 };
    expect(await rewritten(client)).toEqual({ ...asked, system: 'Write mine.' });
    client.send({
      type: 'rewrite_seed_prompts',
      rewrite_window_system_prompt: 'Again.',
      rewrite_temperature: 1,
    });
    expect(await rewritten(client)).toEqual({ model: 'words', temperature: 1, system: 'Again.' });
    client.send({ type: 'rewrite_seed_prompts', rewrite_window_system_prompt: '', rewrite_model: ' ' });
    const back = { model: 'words', temperature: 0.7, system: operators.rewrite };
    expect(await rewritten(client)).toEqual(back);
    client.send({ type: 'set_rewrite_model', rewrite_model: 'other' });
    client.send({ type: 'rewrite_seed_prompts', prompt_window_prompts: ['1', '2', '3', '4', '5', '6'] });
    expect(await rewritten(client)).toEqual(back);
  });

  it('is one text for both where only that for prompts that are there is given', async () => {
    provider.reply({ kind: 'answer', content: list });
    const { rewrite_window_system_prompt } = told;
    const init = { initial_rollout_prompt: 'a heist', rewrite_window_system_prompt };
    await using client = await ProjectClient.open(server.url, init);
    expect((await rewritten(client)).system).toBe('Rewrite mine.');
    client.send({ type: 'end_project_keep_session' });
    await client.until('project_idle');
    client.send({ type: 'project_init_v1', initial_rollout_prompt: 'a heist' });
    expect((await rewritten(client)).system).toBe(operators.rewrite_user);
  });

  it('goes with the session to another replica', async () => {
    provider.reply({ kind: 'answer', content: list });
    const next = async () => {
      await idle(server);
      return server.url;
    };
    await using client = await MovingClient.open({ path: '/ws', init: { curated_prompts: ['one'] }, next });
    await client.until('prompt_sources_blocked');
    client.send({ type: 'rewrite_seed_prompts', ...told });
    const asked = { model: 'other', temperature: 0.25, system: 'Rewrite mine.' };
    expect(await rewritten(client)).toEqual(asked);
    client.move();
    client.send({ type: 'append_prompt', prompt: 'a fox' });
    await client.until('prompt_fallback_used');
    expect(provider.calls.at(-1)?.body).toMatchObject({ model: 'other' });
    expect(client.moved).toBe(1);
  });

  it('is refused where a text is longer than a file of system prompts may be', async () => {
    await using client = await ProjectClient.open(server.url);
    await client.until('prompt_sources_blocked');
    const rewrite_user_system_prompt = 'x'.repeat(256 * 1024 + 1);
    client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'rain', rewrite_user_system_prompt });
    expect(await client.frame()).toMatchObject({ type: 'error', code: 'invalid_message' });
  });
});

describe('what an operator sets at /prompt-system-config', () => {
  const post = (body: object) =>
    fetch(`${server.url}/prompt-system-config`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('counts at the next call of each session, but not before what its client set', async () => {
    provider.reply({ kind: 'answer', content: list });
    await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'] });
    await client.until('prompt_sources_blocked');
    const answer = await post({ rewrite_model: 'newer', rewrite_temperature: 0.5 });
    expect(await answer.json()).toMatchObject({ rewrite_model: 'newer', rewrite_temperature: 0.5 });
    client.send({ type: 'rewrite_seed_prompts' });
    expect(await rewritten(client)).toMatchObject({ model: 'newer', temperature: 0.5 });
    client.send({ type: 'append_prompt', prompt: 'a fox' });
    // A list is no prompt.
    await client.until('prompt_fallback_used');
    // The temperature is that of rewrites; the model is that of all that is written.
    expect(provider.calls.at(-1)?.body).toMatchObject({ model: 'newer', temperature: 0.7 });
    client.send({ type: 'set_rewrite_model', rewrite_model: 'mine' });
    expect(await client.until('rewrite_model_updated')).toMatchObject({ rewrite_model: 'mine' });
    client.send({ type: 'rewrite_seed_prompts', rewrite_model: 'mine' });
    expect(await rewritten(client)).toMatchObject({ model: 'mine' });
    client.send({ type: 'set_rewrite_model' });
    expect(await client.until('rewrite_model_updated')).toMatchObject({ rewrite_model: 'newer' });
    client.send({ type: 'set_rewrite_temperature' });
    expect(await client.until('rewrite_temperature_updated')).toMatchObject({ rewrite_temperature: 0.5 });
    await post({ rewrite_model: 'words', rewrite_temperature: 0.7 });
  });

  it('is a text of its own for each kind of rewrite', async () => {
    const answer = await post({ rewrite_user_system_prompt: 'Write better.' });
    expect(await answer.json()).toMatchObject({
      rewrite_window_system_prompt: operators.rewrite,
      rewrite_user_system_prompt: 'Write better.',
    });
    expect(await readFile(join(directory, 'rewrite_user.txt'), 'utf8')).toBe('Write better.\n');
    await writeFile(join(directory, 'rewrite_user.txt'), operators.rewrite_user);
    await waitFor('the old text', async () => {
      const config = (await (await fetch(`${server.url}/prompt-system-config`)).json()) as Record<
        string,
        unknown
      >;
      return config['rewrite_user_system_prompt'] === operators.rewrite_user;
    });
  });

  it('is refused with a word for the page that asked', async () => {
    const refused = await post({ rewrite_window_system_prompt: ' ' });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      code: 'invalid_message',
      detail: expect.stringContaining('rewrite_window_system_prompt'),
    });
  });
});
