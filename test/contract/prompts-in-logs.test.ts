import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { python } from '../support/python.ts';
import { eventually, waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { programPid } from './exec-programs.ts';
import { pythonServer, standIn } from './python-servers.ts';
import { makeSegment } from './segment.ts';
import { statusOf } from './servers.ts';

/** Words of the stand-in, and what nobody else may read: quotes, a new line, letters that are escaped in some places. */
const secret = 'Marigold\'s "quiet" harbour\nÅsa feeds a zebra 🦊 under the umbrella of her grandmother';
const unseen = /Marigold|harbour|zebra|umbrella|grandmother/;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fastvideo-prompts-in-logs-'));
});
afterAll(() => rm(folder, { recursive: true }));

const sessionLogs = async () => {
  const names = await readdir(folder);
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('');
};

/** Makes a segment whose model logs its prompt, and fails at another with it; gives what the client was told. */
async function failing(url: string): Promise<string> {
  await using client = await ContractClient.open(url);
  await makeSegment(client, `logs ${secret}`, { negative_prompt: 'no grandmother' });
  client.prompt(`logs quotes ${secret}`);
  return String((await client.until('error'))['message']);
}

describe('`fastvideo serve` with a model that logs prompts', needs(python), () => {
  it('has them in no line of its log, no error there and no session log', async () => {
    const logs = ['--streaming.session_log_dir', folder, '--streaming.session_log_prompts', 'false'];
    await using server = await pythonServer(standIn, logs);
    // Whoever wrote the prompt may read it.
    expect(await failing(server.url)).toContain('zebra');
    {
      await using client = await ContractClient.open(server.url);
      const before = server.stderr().length;
      client.prompt(`logs slow ${secret}`);
      await client.until('ltx2_segment_start');
      await waitFor('the line of the model', () => server.stderr().slice(before).includes('prompt: '));
      process.kill(await programPid(server), 'SIGKILL');
      const error = await client.until('error');
      expect(error).toMatchObject({ code: 'worker_failed', message: expect.not.stringMatching(unseen) });
      expect(JSON.stringify(await statusOf(server))).not.toMatch(unseen);
    }
    await eventually(async () => expect(await sessionLogs()).toMatch(/"event":"error".*\[redacted\]/));
    await server.stop();
    expect(server.stderr()).toMatch(/"error":"[^"]*\[redacted\].*"segment failed"/);
    expect(
      server
        .stderr()
        .split('\n')
        .filter((line) => unseen.test(line)),
    ).toEqual([]);
    expect(await sessionLogs()).not.toMatch(unseen);
  });

  it('has them in its log where the operator wants that', async () => {
    await using server = await pythonServer(standIn, ['--streaming.log_prompts', 'true']);
    await failing(server.url);
    await waitFor('the line of the model', () => /"line":".*grandmother/.test(server.stderr()));
    expect(server.stderr()).toMatch(/"error":".*zebra.*"segment failed"/);
  });
});
