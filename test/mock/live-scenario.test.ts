import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { ask, connect, dialects, error, open, putScenario, troubled } from './dialects.ts';

interface Answer {
  readonly scenario: { readonly name?: string };
  readonly ready_made: readonly object[];
  readonly keys: readonly object[];
  /** Of a refusal. */
  readonly code: string;
  readonly message: string;
}

async function answerOf(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

async function shown(server: ServerProcess): Promise<Answer> {
  return await answerOf(await fetch(`${server.url}/mock/scenario`));
}

/** That the server has. */
async function sessions(server: ServerProcess): Promise<number> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const counts = metrics.matchAll(/^fastvideo_sessions\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

describe('/mock/scenario', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await troubled('flaky-worker', 12, ['--mock.audio', 'false']);
  });
  afterEach(async () => {
    // Connections are numbered from the oldest: one that the server has not yet seen end would be the first of the next test.
    await expect.poll(() => sessions(server)).toBe(0);
    expect((await putScenario(server.url, {})).status).toBe(200);
  });
  afterAll(() => server.stop());

  it('shows the scenario that holds, the ready-made ones and every key with what it takes', async () => {
    const answer = await shown(server);
    expect(answer.scenario).toMatchObject({ name: 'flaky-worker', worker: { dies_at_frame: 30, times: 1 } });
    expect(answer.ready_made).toContainEqual(
      expect.objectContaining({ name: 'no-gpu', scenario: expect.objectContaining({ name: 'no-gpu' }) }),
    );
    expect(answer.keys).toContainEqual({
      key: 'worker.probability',
      field: 'number',
      takes: 'a number from 0 to 1',
      description: expect.stringMatching(/./),
      unit: 'probability',
      default: 1,
    });
  });

  it('takes a scenario, which then holds with every default filled in', async () => {
    const response = await putScenario(server.url, { worker: { dies_at_frame: 3 } });
    const answer = await answerOf(response);
    expect(answer.scenario).toMatchObject({
      seed: 1,
      worker: { dies_at_frame: 3, segment: 0, probability: 1 },
    });
    expect((await shown(server)).scenario).toEqual(answer.scenario);
  });

  it('takes the name of a ready-made one, and what it showed itself', async () => {
    const answer = await answerOf(await putScenario(server.url, 'long-queue'));
    expect(answer.scenario).toMatchObject({ name: 'long-queue', queue: { ahead: 3 } });
    expect((await answerOf(await putScenario(server.url, answer.scenario))).scenario).toEqual(
      answer.scenario,
    );
  });

  it('tells all that is wrong at once, and the one that held goes on', async () => {
    await putScenario(server.url, 'no-gpu');
    const response = await putScenario(server.url, {
      wroker: {},
      queue: { ahead: -1 },
      media: { fault: 'loud' },
      preset: { loaded: 7 },
    });
    expect(response.status).toBe(400);
    const { code, message } = await answerOf(response);
    expect(code).toBe('invalid_message');
    expect(message.split('\n')).toEqual([
      '4 problems in the configuration:',
      'scenario wroker: unknown key; did you mean "worker"?',
      'scenario queue.ahead: must be a whole number from 0 to 1000, not -1',
      expect.stringMatching(/^scenario media\.fault: must be "none" or "garbage" or .+, not "loud"$/),
      'scenario preset.loaded: must be a text that is not empty, not 7',
    ]);
    expect((await shown(server)).scenario.name).toBe('no-gpu');
  });

  it('does not look for what each of thousands of wrong keys might mean', async () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`wroker${index}`, 1]));
    const response = await putScenario(server.url, many(4000));
    expect(response.status).toBe(400);
    const { message } = await answerOf(response);
    expect(message).toMatch(/^4000 problems in the configuration, the first 100 are:\nscenario wroker0: /);
    expect(message.split('\n')).toHaveLength(101);
    expect((await putScenario(server.url, many(6000))).status).toBe(413);
  });

  it.each(['flaky-wroker', '../mock', '/etc/passwd', 7, [], null])('does not take %j', async (body) => {
    const response = await putScenario(server.url, body);
    // Null, like an empty file, says nothing.
    expect(response.status).toBe(body === null ? 200 : 400);
  });

  it('does not take what a page of a foreign origin sends', async () => {
    const response = await putScenario(server.url, 'no-gpu', { origin: 'https://evil.example' });
    expect([response.status, (await answerOf(response)).code]).toEqual([403, 'unauthorized']);
    expect((await putScenario(server.url, 'no-gpu', { origin: 'http://localhost:5173' })).status).toBe(200);
  });

  it.each(dialects)('changes what happens next in a session of %s that is open', async (dialect) => {
    await using client = await open(dialect, server.url);
    ask(client, 'one');
    await client.until('ltx2_segment_complete');
    await putScenario(server.url, { worker: { dies_at_frame: 2, segment: 1 } });
    ask(client, 'two');
    expect(await error(client)).toMatchObject({ code: 'worker_failed' });
    ask(client, 'three');
    await client.until('ltx2_segment_complete');
    await putScenario(server.url, {
      connection: { drop: 'close', after_seconds: 0, code: 4001, reason: 'bye' },
    });
    expect(await client.close()).toMatchObject({ code: 4001, reason: 'bye' });
  });

  it.each(dialects)('makes trouble for the sessions of %s that it names only', async (dialect) => {
    await putScenario(server.url, { worker: { dies_at_frame: 1, sessions: [2] } });
    for (const fails of [false, true, false]) {
      await using client = await open(dialect, server.url);
      ask(client, 'one');
      if (fails) expect(await error(client)).toMatchObject({ code: 'worker_failed' });
      else await client.until('ltx2_segment_complete');
    }
  });

  it('gives the same trouble for the same seed, and other trouble for another', async () => {
    // The same connection each time: the row that is drawn follows from its number.
    await using client = await open('/v1/stream', server.url);
    const outcomes = async (seed: number) => {
      await putScenario(server.url, { seed, worker: { dies_at_frame: 1, probability: 0.5 } });
      let marks = '';
      for (let count = 0; count < 8; count += 1) {
        ask(client, 'one');
        for (;;) {
          const received = await client.next();
          if (received.kind !== 'frame') continue;
          if (received.frame.type === 'error') marks += 'x';
          else if (received.frame.type === 'ltx2_segment_complete') marks += '.';
          else continue;
          break;
        }
      }
      return marks;
    };
    const first = await outcomes(1);
    expect(first).toMatch(/x/);
    expect(first).toMatch(/\./);
    expect(await outcomes(1)).toBe(first);
    const others = [await outcomes(2), await outcomes(3)];
    expect(others.filter((other) => other === first)).toEqual([]);
  });

  it('limits the sessions from now on, and no longer when it is cleared', async () => {
    await putScenario(server.url, { session: { limit: 1 } });
    await using first = await open('/v1/stream', server.url);
    await using second = await connect('/v1/stream', server.url);
    expect(await error(second)).toMatchObject({ code: 'session_rejected' });
    await putScenario(server.url, {});
    await using third = await open('/ws', server.url);
    ask(third, 'one');
    await third.until('ltx2_segment_complete');
    expect(first.frames('error')).toEqual([]);
  });
});

describe('/mock/scenario elsewhere', () => {
  it('needs the API key where keys are set', async () => {
    const args = ['--server.api_keys', '["the-key"]'];
    await using server = await startServer({ command: 'mock', args });
    expect((await fetch(`${server.url}/mock/scenario`)).status).toBe(401);
    expect((await putScenario(server.url, {})).status).toBe(401);
    expect((await putScenario(server.url, {}, { authorization: 'Bearer the-key' })).status).toBe(200);
  });

  it('is not there on a server that is no mock', async () => {
    const args = ['--generator.model_path', 'mock:gradient'];
    await using server = await startServer({ command: 'serve', args });
    expect((await fetch(`${server.url}/mock/scenario`)).status).toBe(404);
    expect((await putScenario(server.url, {})).status).toBe(404);
  });
});
