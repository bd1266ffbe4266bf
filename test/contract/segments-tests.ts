import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { filmOf, probe } from './film.ts';
import { makeSegment, readSegment } from './segment.ts';
import { type Command, idle, quick, quickFrames, type Shared } from './servers.ts';

export function segmentTests(shared: Shared, command: Command): void {
  describe(`a session of \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, quick);
    });
    beforeEach(async () => idle(server));

    it('opens with queue_status 0 of 0, gpu_assigned and ltx2_stream_start', async () => {
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', preset: 'mine', preset_label: 'Mine', a_field_of_tomorrow: 1 });
      expect(await client.frame()).toEqual({ type: 'queue_status', position: 0, queue_depth: 0 });
      expect(await client.frame()).toMatchObject({
        type: 'gpu_assigned',
        gpu_id: 0,
        session_timeout: 3600,
        session_id: expect.stringMatching(/./),
        worker_id: expect.stringMatching(/./),
        model_id: expect.stringMatching(/./),
      });
      expect(await client.frame()).toEqual({
        type: 'ltx2_stream_start',
        preset: 'mine',
        width: 128,
        height: 96,
        fps: 24,
        num_frames: quickFrames,
      });
    });

    it('sends the frames of a segment in the order of the contract', async () => {
      await using client = await ContractClient.open(server.url);
      const segment = await makeSegment(client, 'a red fox');
      // Both generators stream their frames, so no step may come before media_init.
      const [start, init, firstBinary, ...rest] = segment.order;
      expect([start, init, firstBinary]).toEqual(['ltx2_segment_start', 'media_init', 'init']);
      expect(rest.slice(-2)).toEqual(['media_segment_complete', 'ltx2_segment_complete']);
      expect(new Set(rest.slice(0, -2))).toEqual(new Set(['step_complete', 'media']));
    });

    it('names the segment, its prompt and its source when it begins', async () => {
      await using client = await ContractClient.open(server.url);
      const segment = await makeSegment(client, 'a red fox', { source: 'curated' });
      expect(segment.start).toMatchObject({ segment_idx: 0, prompt: 'a red fox', source: 'curated' });
      const next = await makeSegment(client, 'a blue fox');
      expect(next.start).toMatchObject({ segment_idx: 1, prompt: 'a blue fox', source: 'user' });
    });

    it('counts the steps of a segment up to the total', async () => {
      await using client = await ContractClient.open(server.url);
      const { start, steps } = await makeSegment(client, 'a red fox');
      expect(steps.length).toBeGreaterThan(0);
      expect(steps.at(-1)).toMatchObject({ step: start['total_steps'], total_steps: start['total_steps'] });
      expect(new Set(steps.map(({ stage }) => stage))).toEqual(new Set(['denoise']));
    });

    it('declares the media just before it, with the codecs that it has', async () => {
      await using client = await ContractClient.open(server.url);
      const { mediaInit, mediaComplete } = await makeSegment(client, 'a red fox');
      expect(mediaInit).toEqual({
        type: 'media_init',
        segment_idx: 0,
        mime: expect.stringMatching(/^video\/mp4; codecs="avc1\.[0-9a-f]{6}, mp4a\.40\.2"$/),
        stream_id: expect.stringMatching(/./),
        mode: 'av_fmp4',
      });
      expect(mediaComplete['stream_id']).toBe(mediaInit['stream_id']);
    });

    it('accounts for what it sent: chunks, bytes, duration and time base', async () => {
      await using client = await ContractClient.open(server.url);
      // The sums themselves are checked by the rules of the stream, against the boxes received.
      const first = await makeSegment(client, 'a red fox');
      const second = await makeSegment(client, 'a red fox');
      expect(first.mediaComplete).toMatchObject({
        chunks: first.media.length,
        duration_ms: 500,
        pts_base_ms: 0,
      });
      expect(second.mediaComplete).toMatchObject({ duration_ms: 500, pts_base_ms: 500 });
      expect(first.mediaComplete['bytes']).toBe(Buffer.concat(first.media).length);
    });

    it('tells the times and the frames of a finished segment', async () => {
      await using client = await ContractClient.open(server.url);
      const { complete } = await makeSegment(client, 'a red fox');
      expect(complete).toMatchObject({
        segment_idx: 0,
        frames: quickFrames,
        generation_time_ms: expect.any(Number),
        e2e_latency_ms: expect.any(Number),
        time_to_first_media_ms: expect.any(Number),
      });
      const { time_to_first_media_ms: first, e2e_latency_ms: whole, generation_time_ms: made } = complete;
      expect(Number(first)).toBeLessThanOrEqual(Number(whole));
      expect(Number(made)).toBeLessThanOrEqual(Number(whole));
    });

    it('makes one film of its segments that ffprobe reads without a complaint', async () => {
      await using client = await ContractClient.open(server.url);
      const segments = [];
      for (const prompt of ['a red fox', 'a green fox', 'a blue fox'])
        segments.push(await makeSegment(client, prompt));
      const { packets, videoFrames, streams } = await probe(filmOf(segments));
      expect([...streams].sort()).toEqual(['audio', 'video']);
      expect(videoFrames).toBe(3 * quickFrames);
      for (const kind of ['video', 'audio']) {
        const times = packets
          .filter(({ codec_type }) => codec_type === kind)
          .map(({ dts_time }) => Number(dts_time));
        expect(times).toEqual([...new Set(times)].sort((left, right) => left - right));
      }
    });

    it('serves requests that came together one after the other, in their order', async () => {
      await using client = await ContractClient.open(server.url);
      const prompts = ['one', 'two', 'three', 'four', 'five'];
      for (const prompt of prompts) client.prompt(prompt);
      const served = [];
      for (const _ of prompts) served.push((await readSegment(client)).start['prompt']);
      expect(served).toEqual(prompts);
    });

    it('takes each optional field of a request', async () => {
      await using client = await ContractClient.open(server.url);
      const fields = { negative_prompt: 'rain', seed: -5, num_inference_steps: 3, guidance_scale: 2.5 };
      expect((await makeSegment(client, 'a fox', fields)).complete['frames']).toBe(quickFrames);
      const nulls = { negative_prompt: null, seed: null, num_inference_steps: null, guidance_scale: null };
      expect((await makeSegment(client, 'a fox', nulls)).complete['frames']).toBe(quickFrames);
    });

    it('ignores a second session_init_v2, as FastVideo does', async () => {
      await using client = await ContractClient.open(server.url);
      client.send({ type: 'session_init_v2', preset: 'another', curated_prompts: ['a cat'] });
      await makeSegment(client, 'a fox');
      expect(client.frames('error')).toEqual([]);
    });

    it('ends with ltx2_stream_complete stop_requested and close 1000 when the client leaves', async () => {
      await using client = await ContractClient.open(server.url);
      await makeSegment(client, 'a red fox');
      client.send({ type: 'leave' });
      expect(await client.frame()).toEqual({ type: 'ltx2_stream_complete', reason: 'stop_requested' });
      expect(await client.next()).toMatchObject({ kind: 'close', code: 1000 });
    });
  });
}
