import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withScenarioKeys } from '../../scripts/scenario-docs.ts';
import { scenarioNames } from '../../src/commands/mock.definition.ts';
import { loadScenario } from '../../src/core/base/config/load-scenario.ts';
import { ScenarioSchema } from '../../src/core/base/config/scenario-schema/scenario.ts';
import { schemaKeys } from '../../src/core/base/config/schema-tree.ts';
import { ContractClient } from '../contract/client.ts';
import { StreamRules } from '../contract/stream-rules.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { ask, connect, dialects, error, open, troubled } from './dialects.ts';

describe('the ready-made scenarios', () => {
  const folder = join(repositoryRoot, 'configs/scenarios');

  it('are all listed by --help and told about in docs/mock.md', async () => {
    const files = (await readdir(folder)).map((file) => basename(file, '.yaml')).sort();
    expect([...scenarioNames]).toEqual(files);
    const docs = await readFile(join(repositoryRoot, 'docs/mock.md'), 'utf8');
    expect(files.filter((name) => !docs.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it('have all their keys in docs/mock.md, as scripts/write-config-docs.ts writes them', async () => {
    const docs = await readFile(join(repositoryRoot, 'docs/mock.md'), 'utf8');
    expect(docs).toBe(withScenarioKeys(docs));
    const silent = [...schemaKeys(ScenarioSchema)].filter((key) => !key.description);
    expect(silent.map((key) => key.path.join('.'))).toEqual([]);
  });

  it('all load, and say what they show', async () => {
    for (const name of scenarioNames) {
      const scenario = await loadScenario(name, folder);
      expect(scenario.name).toBe(name);
      expect(scenario.description).toMatch(/\.$/);
    }
  });
});

describe.each(dialects)('a front end on %s sees with the scenario', (dialect) => {
  it('flaky-worker a worker that dies in its second segment, and goes on', async () => {
    await using server = await troubled('flaky-worker');
    await using client = await open(dialect, server.url);
    ask(client, 'one');
    await client.until('ltx2_segment_complete');
    ask(client, 'two');
    expect(await error(client)).toMatchObject({ code: 'worker_failed', retryable: true });
    expect(client.frames('ltx2_segment_complete')).toHaveLength(1);
    ask(client, 'three');
    await client.until('ltx2_segment_complete');
    await using next = await open(dialect, server.url);
    ask(next, 'one');
    await next.until('ltx2_segment_complete');
    ask(next, 'two');
    expect(await error(next)).toMatchObject({ code: 'worker_failed' });
  });

  it('slow-worker first frames that come late', async () => {
    await using server = await troubled('slow-worker', 6);
    await using client = await open(dialect, server.url);
    const asked = performance.now();
    ask(client, 'one');
    await client.until('media_init');
    // The scenario's seed decides: a wait well above what the mock takes without it.
    expect(performance.now() - asked).toBeGreaterThan(400);
    await client.until('ltx2_segment_complete');
  });

  it('stalled-worker a segment that is given up, and goes on', async () => {
    await using server = await troubled('stalled-worker');
    await using client = await open(dialect, server.url);
    ask(client, 'one');
    await client.until('ltx2_segment_complete');
    ask(client, 'two');
    const refusal = await error(client);
    expect(refusal).toMatchObject({ code: 'upstream_timeout', retryable: true });
    expect(refusal['message']).toContain('3 s');
    ask(client, 'three');
    await client.until('ltx2_segment_complete');
  });

  it('long-queue its place, counted down to a worker', async () => {
    await using server = await troubled('long-queue');
    await using client = await open(dialect, server.url);
    const positions = client.frames('queue_status').map(({ position }) => position);
    expect(positions.slice(dialect === '/ws' ? 1 : 0)).toEqual([3, 2, 1]);
    ask(client, 'one');
    await client.until('ltx2_segment_complete');
  });

  it('no-gpu a wait that ends without a worker', async () => {
    await using server = await troubled('no-gpu');
    await using client = await connect(dialect, server.url);
    expect(await error(client)).toMatchObject({ code: 'gpu_unavailable', retryable: true });
    expect(await client.close()).toMatchObject({ code: 1013, reason: 'gpu_unavailable' });
    expect(client.frames('queue_status').map(({ position }) => position)).toContain(2);
  });

  it.each(['provider-down', 'provider-slow'])('%s prompts that nobody makes better', async (scenario) => {
    await using server = await troubled(scenario);
    await using client = await open(dialect, server.url, { enhancement_enabled: true });
    ask(client, 'one');
    const { error: why, latency_ms } = await client.until('prompt_fallback_used');
    expect(why).toMatch(scenario === 'provider-down' ? /503/ : /no answer within 2000 ms/);
    expect(latency_ms).toBeGreaterThan(0);
    if (dialect === '/v1/stream') {
      expect(await client.until('ltx2_segment_start')).toMatchObject({ prompt: 'one', source: 'user' });
    }
    client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'at night', count: 2 });
    expect(await client.until('rewrite_seed_prompts_complete')).toMatchObject({ fallback_used: true });
  });

  it('blocked-prompts which prompts are refused', async () => {
    await using server = await troubled('blocked-prompts');
    await using client = await open(dialect, server.url);
    ask(client, 'a FORBIDDEN place');
    expect(await error(client)).toMatchObject({ code: 'prompt_blocked', retryable: false });
    ask(client, 'a quiet place');
    await client.until('ltx2_segment_complete');
    await using second = await connect(dialect, server.url, { curated_prompts: ['a weapon'] });
    expect(await error(second)).toMatchObject({ code: 'prompt_blocked' });
    expect(await second.close()).toMatchObject({ code: 1008, reason: 'prompt_blocked' });
  });

  it('safety-away that no prompt is used', async () => {
    await using server = await troubled('safety-away');
    await using client = await open(dialect, server.url);
    ask(client, 'one');
    expect(await error(client)).toMatchObject({ code: 'internal_error', retryable: true });
    expect(client.frames('ltx2_segment_start')).toEqual([]);
  });

  it('session-timeout the end of a session in which nothing happens', async () => {
    await using server = await troubled('session-timeout');
    await using client = await connect(dialect, server.url);
    expect(await client.until('gpu_assigned')).toMatchObject({ session_timeout: 5 });
    await client.until('session_timeout');
    expect(await client.close()).toMatchObject({ code: 1000, reason: 'session_timeout' });
  });

  it('server-full that there is no room', async () => {
    await using server = await troubled('server-full');
    await using client = await connect(dialect, server.url);
    expect(await error(client)).toMatchObject({ code: 'session_rejected', retryable: false });
    expect(await client.close()).toMatchObject({ code: 1013, reason: 'session_rejected' });
  });

  it('dropped-connection a cut without a close frame, once', async () => {
    await using server = await troubled('dropped-connection', 240, [
      ...['--default_request.sampling.width', '640', '--default_request.sampling.height', '352'],
    ]);
    await using client = await open(dialect, server.url);
    ask(client, 'one');
    expect(await client.close()).toMatchObject({ code: 1006 });
    expect(client.frames('ltx2_segment_complete')).toEqual([]);
    await using second = await open(dialect, server.url);
    ask(second, 'one');
    await second.until('ltx2_segment_complete');
  });

  it('server-restart a close with 1012, once', async () => {
    await using server = await troubled('server-restart');
    await using client = await open(dialect, server.url);
    expect(await client.close()).toMatchObject({ code: 1012, reason: 'service_restart' });
    await using second = await open(dialect, server.url);
    ask(second, 'one');
    await second.until('ltx2_segment_complete');
  });
});

describe('a front end on /v1/stream sees with the scenario preset-mismatch', () => {
  it('that another model is loaded', async () => {
    await using server = await troubled('preset-mismatch');
    await using named = await connect('/v1/stream', server.url, { preset: 'mine' });
    expect(await error(named)).toMatchObject({ code: 'preset_mismatch', retryable: false });
    expect(await named.close()).toMatchObject({ code: 1003, reason: 'preset_mismatch' });
    const continuation_state = { kind: 'fastvideo.mock.v1', payload: {} };
    await using continued = await connect('/v1/stream', server.url, { continuation_state });
    expect(await error(continued)).toMatchObject({ code: 'preset_mismatch' });
    await using unnamed = await open('/v1/stream', server.url);
    ask(unnamed, 'one');
    await unnamed.until('ltx2_segment_complete');
  });
});

describe('a front end on /ws sees with the scenario provider-down', () => {
  it('auto_prompt_failed where a prompt is to be written', async () => {
    await using server = await troubled('provider-down');
    await using client = await open('/ws', server.url, {
      curated_prompts: ['one'],
      auto_extension_enabled: true,
    });
    expect((await client.until('auto_prompt_failed')).error).toMatch(/503/);
  });
});

describe('a front end on /v1/stream sees with the scenario provider-down', () => {
  it('internal_error where a prompt is to be written', async () => {
    await using server = await troubled('provider-down');
    await using client = await open('/v1/stream', server.url, { auto_extension_enabled: true });
    ask(client, 'one');
    expect(await error(client)).toMatchObject({ code: 'internal_error', retryable: true });
  });
});

describe('a front end on /v1/stream that the scenario dropped-connection cut off', () => {
  it('goes on with its resume token', async () => {
    const picture = ['--default_request.sampling.width', '640', '--default_request.sampling.height', '352'];
    await using server = await troubled('dropped-connection', 240, picture);
    await using client = await open('/v1/stream', server.url);
    ask(client, 'one');
    expect(await client.close()).toMatchObject({ code: 1006 });
    const [assigned] = client.frames('gpu_assigned');
    const { session_id, resume_token } = assigned ?? { session_id: '', resume_token: '' };
    const rules = new StreamRules({ nextIdx: 1, durationMs: 0 });
    await using again = await ContractClient.connect(server.url, { rules });
    again.send({ type: 'session_init_v2', resume: { session_id, resume_token } });
    expect(await again.until('gpu_assigned')).toMatchObject({ session_id });
    ask(again, 'one');
    expect(await again.until('ltx2_segment_start')).toMatchObject({ segment_idx: 1 });
  });
});

describe('a front end on /v1/stream on a bad-day', () => {
  const sessions = 4;
  const prompts = 5;

  /** What became of each prompt of each session. */
  async function outcomes(): Promise<string[][]> {
    await using server = await troubled('bad-day');
    const clients = [];
    // One after the other: their numbers decide what happens to them.
    for (let count = 0; count < sessions; count += 1) clients.push(await open('/v1/stream', server.url));
    const ends = await Promise.all(
      clients.map(async (client) => {
        for (let count = 0; count < prompts; count += 1) ask(client, `prompt ${count}`);
        const outcome: string[] = [];
        while (outcome.length < prompts) {
          const received = await client.next();
          if (received.kind === 'close') return [...outcome, 'cut'];
          if (received.kind !== 'frame') continue;
          const { type, code } = received.frame;
          if (type === 'ltx2_segment_complete') outcome.push('made');
          if (type === 'error') outcome.push(String(code));
        }
        return outcome;
      }),
    );
    for (const client of clients) await client[Symbol.asyncDispose]();
    return ends;
  }

  it('gets an answer to each prompt, and the same answers on another such day', async () => {
    const [one, other] = await Promise.all([outcomes(), outcomes()]);
    for (const [index, ends] of one.entries()) {
      // Where neither was cut off before: that depends on how fast the machine is.
      const both = Math.min(ends.indexOf('cut') >>> 0, (other[index]?.indexOf('cut') ?? 0) >>> 0, prompts);
      expect(ends.slice(0, both)).toEqual(other[index]?.slice(0, both));
    }
    const all = one.flat();
    expect(new Set(all.filter((end) => end !== 'cut' && end !== 'made'))).toEqual(new Set(['worker_failed']));
    expect(all).toContain('made');
  });
});
