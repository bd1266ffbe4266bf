import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/core/base/config/scenario-schema/scenario.ts';
import { SessionFaults } from '../../src/core/mock/session-faults.ts';
import { ContractClient } from '../contract/client.ts';
import { StreamRules } from '../contract/stream-rules.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { ask, connect, type Dialect, dialects, error, open } from './dialects.ts';

/** Where those are that are shipped. */
export const scenarioFolder = join(repositoryRoot, 'configs/scenarios');

/** Some workers die, and some hang, at frame 30. */
export const scenarioFrames = 36;

/** A mock in which a scenario holds, its connections numbered from 1. */
export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly scenario: Scenario;
}

/** What the error of the second segment of a session is about, which `ask` asked for. */
function aboutSegment(dialect: Dialect, prompt: string): object {
  return dialect === '/ws'
    ? { segment_idx: 2, prompt_id: prompt }
    : { segment_idx: 1, message: 'segment_prompt_source' };
}

/** What a front end sees with each ready-made scenario. `play` puts the one of that name in force. */
export function describeReadyMadeScenarios(play: (name: string) => Promise<Stage>): void {
  describe.each(dialects)('a front end on %s sees with the scenario', (dialect) => {
    it('flaky-worker a worker that dies in its second segment, and goes on', async () => {
      await using stage = await play('flaky-worker');
      await using client = await open(dialect, stage.url);
      ask(client, 'one');
      await client.until('ltx2_segment_complete');
      ask(client, 'two');
      const failed = await error(client);
      expect(failed).toMatchObject({ code: 'worker_failed', retryable: true });
      expect(failed['about']).toMatchObject(aboutSegment(dialect, 'two'));
      expect(client.frames('ltx2_segment_complete')).toHaveLength(1);
      ask(client, 'three');
      await client.until('ltx2_segment_complete');
      await using next = await open(dialect, stage.url);
      ask(next, 'one');
      await next.until('ltx2_segment_complete');
      ask(next, 'two');
      expect(await error(next)).toMatchObject({ code: 'worker_failed' });
    });

    it('slow-worker first frames that come late', async () => {
      await using stage = await play('slow-worker');
      const drawn = new SessionFaults(stage.scenario, 1);
      drawn.beginSegment();
      const waitMs = drawn.segment?.nextWait() ?? 0;
      expect(waitMs).toBeGreaterThan(stage.scenario.latency.first_frame.ms / 4);
      await using client = await open(dialect, stage.url);
      const asked = performance.now();
      ask(client, 'one');
      await client.until('media_init');
      // Node's timers may be a millisecond early.
      expect(performance.now() - asked).toBeGreaterThan(waitMs - 2);
      await client.until('ltx2_segment_complete');
    });

    it('stalled-worker a segment that is given up, and goes on', async () => {
      await using stage = await play('stalled-worker');
      await using client = await open(dialect, stage.url);
      ask(client, 'one');
      await client.until('ltx2_segment_complete');
      ask(client, 'two');
      const refusal = await error(client);
      expect(refusal).toMatchObject({ code: 'upstream_timeout', retryable: true });
      const { detail, ...about } = refusal['about'] as Readonly<Record<string, unknown>>;
      // On /ws the message is for people.
      const told = dialect === '/ws' ? detail : refusal['message'];
      expect(told).toContain(` ${stage.scenario.stall.timeout_seconds} s`);
      expect(about).toEqual(aboutSegment(dialect, 'two'));
      ask(client, 'three');
      await client.until('ltx2_segment_complete');
    });

    it('long-queue its place, counted down to a worker', async () => {
      await using stage = await play('long-queue');
      await using client = await open(dialect, stage.url);
      const positions = client.frames('queue_status').map(({ position }) => position);
      expect(positions.slice(dialect === '/ws' ? 1 : 0)).toEqual([3, 2, 1]);
      ask(client, 'one');
      await client.until('ltx2_segment_complete');
    });

    it('no-gpu a wait that ends without a worker', async () => {
      await using stage = await play('no-gpu');
      await using client = await connect(dialect, stage.url);
      expect(await error(client)).toMatchObject({ code: 'gpu_unavailable', retryable: true });
      expect(await client.close()).toMatchObject({ code: 1013, reason: 'gpu_unavailable' });
      expect(client.frames('queue_status').map(({ position }) => position)).toContain(2);
    });

    it.each(['provider-down', 'provider-slow'])('%s prompts that nobody makes better', async (name) => {
      await using stage = await play(name);
      await using client = await open(dialect, stage.url, { enhancement_enabled: true });
      ask(client, 'one');
      const { error: failure, about, latency_ms } = await client.until('prompt_fallback_used');
      const { timeout_ms } = stage.scenario.provider;
      const { detail: why = failure } = (about ?? {}) as Readonly<Record<string, unknown>>;
      expect(why).toContain(name === 'provider-down' ? '503' : `no answer within ${timeout_ms} ms`);
      expect(latency_ms).toBeGreaterThan(0);
      if (dialect === '/v1/stream') {
        expect(await client.until('ltx2_segment_start')).toMatchObject({ prompt: 'one', source: 'user' });
      }
      client.send({ type: 'rewrite_seed_prompts', rewrite_instruction: 'at night', count: 2 });
      expect(await client.until('rewrite_seed_prompts_complete')).toMatchObject({ fallback_used: true });
    });

    it('blocked-prompts which prompts are refused', async () => {
      await using stage = await play('blocked-prompts');
      await using client = await open(dialect, stage.url);
      ask(client, 'a FORBIDDEN place');
      const blocked = await error(client);
      expect(blocked).toMatchObject({ code: 'prompt_blocked', retryable: false });
      expect(blocked['about']).toEqual(
        dialect === '/ws'
          ? { message: 'append_prompt', prompt_id: 'a FORBIDDEN place' }
          : { message: 'segment_prompt_source' },
      );
      ask(client, 'a quiet place');
      await client.until('ltx2_segment_complete');
      await using second = await connect(dialect, stage.url, { curated_prompts: ['a weapon'] });
      expect(await error(second)).toMatchObject({ code: 'prompt_blocked' });
      expect(await second.close()).toMatchObject({ code: 1008, reason: 'prompt_blocked' });
    });

    it('safety-away that no prompt is used', async () => {
      await using stage = await play('safety-away');
      await using client = await open(dialect, stage.url);
      ask(client, 'one');
      expect(await error(client)).toMatchObject({ code: 'internal_error', retryable: true });
      expect(client.frames('ltx2_segment_start')).toEqual([]);
    });

    it('session-timeout the end of a session in which nothing happens', async () => {
      await using stage = await play('session-timeout');
      await using client = await connect(dialect, stage.url);
      expect(await client.until('gpu_assigned')).toMatchObject({
        session_timeout: stage.scenario.session.timeout_seconds,
      });
      await client.until('session_timeout');
      expect(await client.close()).toMatchObject({ code: 1000, reason: 'session_timeout' });
    });

    it('server-full that there is no room', async () => {
      await using stage = await play('server-full');
      await using client = await connect(dialect, stage.url);
      expect(await error(client)).toMatchObject({ code: 'session_rejected', retryable: false });
      expect(await client.close()).toMatchObject({ code: 1013, reason: 'session_rejected' });
    });

    it('dropped-connection a cut without a close frame, once', async () => {
      await using stage = await play('dropped-connection');
      await using client = await open(dialect, stage.url);
      ask(client, 'one');
      expect(await client.close()).toMatchObject({ code: 1006 });
      expect(client.frames('media_init')).toHaveLength(1);
      expect(client.frames('ltx2_segment_complete')).toEqual([]);
      await using second = await open(dialect, stage.url);
      ask(second, 'one');
      await second.until('ltx2_segment_complete');
    });

    it('server-restart a close with 1012, once', async () => {
      await using stage = await play('server-restart');
      await using client = await connect(dialect, stage.url);
      expect(await client.close()).toMatchObject({ code: 1012, reason: 'service_restart' });
      await using second = await open(dialect, stage.url);
      ask(second, 'one');
      await second.until('ltx2_segment_complete');
    });
  });

  describe('a front end on /v1/stream sees with the scenario', () => {
    it('preset-mismatch that another model is loaded', async () => {
      await using stage = await play('preset-mismatch');
      await using named = await connect('/v1/stream', stage.url, { preset: 'mine' });
      expect(await error(named)).toMatchObject({ code: 'preset_mismatch', retryable: false });
      expect(await named.close()).toMatchObject({ code: 1003, reason: 'preset_mismatch' });
      const continuation_state = { kind: 'fastvideo.mock.v1', payload: {} };
      await using continued = await connect('/v1/stream', stage.url, { continuation_state });
      expect(await error(continued)).toMatchObject({ code: 'preset_mismatch' });
      await using unnamed = await open('/v1/stream', stage.url);
      ask(unnamed, 'one');
      await unnamed.until('ltx2_segment_complete');
    });

    it('provider-down internal_error where a prompt is to be written', async () => {
      await using stage = await play('provider-down');
      await using client = await open('/v1/stream', stage.url, { auto_extension_enabled: true });
      ask(client, 'one');
      expect(await error(client)).toMatchObject({ code: 'internal_error', retryable: true });
    });

    it('dropped-connection a session that goes on with its resume token', async () => {
      await using stage = await play('dropped-connection');
      await using client = await open('/v1/stream', stage.url);
      ask(client, 'one');
      expect(await client.close()).toMatchObject({ code: 1006 });
      const [assigned] = client.frames('gpu_assigned');
      const { session_id, resume_token } = assigned ?? { session_id: '', resume_token: '' };
      const rules = new StreamRules({ nextIdx: 1, durationMs: 0 });
      await using again = await ContractClient.connect(stage.url, { rules });
      again.send({ type: 'session_init_v2', resume: { session_id, resume_token } });
      expect(await again.until('gpu_assigned')).toMatchObject({ session_id });
      ask(again, 'one');
      expect(await again.until('ltx2_segment_start')).toMatchObject({ segment_idx: 1 });
    });
  });

  describe('a front end on /ws sees with the scenario', () => {
    it('provider-down auto_prompt_failed where a prompt is to be written', async () => {
      await using stage = await play('provider-down');
      await using client = await open('/ws', stage.url, {
        curated_prompts: ['one'],
        auto_extension_enabled: true,
      });
      expect(await client.until('auto_prompt_failed')).toMatchObject({
        error: expect.stringMatching(/language model/),
        about: { detail: expect.stringMatching(/503/) },
      });
    });
  });
}
