import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { runs } from './exec-programs.ts';
import { difference, filmOf, frameOf, probe } from './film.ts';
import { decodeJpegs, makeJpegSegment } from './jpeg-segment.ts';
import { makeSegment } from './segment.ts';
import { idle, quick, quickFrames, readyServer, statusOf } from './servers.ts';

const width = 128;
const height = 96;

/** The picture that `frames-worker.mjs` gives at a place in the film. */
function bars(frame: number): Buffer {
  const row = Buffer.alloc(width * 3);
  for (let x = 0; x < width; x += 1) {
    const bar = 7 - ((Math.floor((x * 8) / width) + frame) % 8);
    row.set(
      [2, 4, 1].map((bit) => (bar & bit ? 220 : 20)),
      x * 3,
    );
  }
  return Buffer.concat(Array<Buffer>(height).fill(row));
}

function audioGaps(packets: Awaited<ReturnType<typeof probe>>['packets']): number[] {
  const times = packets.flatMap(({ codec_type, pts_time }) =>
    codec_type === 'audio' ? [Number(pts_time)] : [],
  );
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

describe('`fastvideo serve` with a program that gives raw frames', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await readyServer('serve', [
      ...quick,
      ...runs('frames-worker'),
      '--streaming.warmup.enabled',
      'true',
    ]);
  });
  afterEach(async () => idle(server));
  afterAll(async () => server.stop());

  it('warms it, and tells clients what it is', async () => {
    expect((await statusOf(server)).gpu_status['0']).toMatchObject({
      current_model_id: 'colour bars',
      warmup_success: true,
      restarts: 0,
    });
    await using client = await ContractClient.open(server.url);
    expect(client.frames('gpu_assigned')[0]).toMatchObject({ model_id: 'colour bars' });
  });

  it('streams its pictures and its sound, from segment to segment as one film', async () => {
    await using client = await ContractClient.open(server.url);
    const fields = { num_inference_steps: 4 };
    const segments = [await makeSegment(client, 'one', fields), await makeSegment(client, 'two', fields)];
    for (const { complete, start, steps } of segments) {
      expect(complete).toMatchObject({ frames: quickFrames });
      expect(start['total_steps']).toBe(4);
      expect(steps.map(({ step, stage }) => [step, stage])).toEqual(
        [1, 2, 3, 4].map((step) => [step, 'draw']),
      );
    }
    const film = filmOf(segments);
    const { videoFrames, streams, packets } = await probe(film);
    expect(videoFrames).toBe(2 * quickFrames);
    expect([...streams].sort()).toEqual(['audio', 'video']);
    for (const gap of audioGaps(packets)) expect(gap).toBeCloseTo(1024 / 48_000, 4);
    for (const index of [0, 5, quickFrames, 2 * quickFrames - 1]) {
      expect(difference(await frameOf(film, index), bars(index))).toBeLessThan(12);
    }
    // The comparison can tell: the bars have moved by one there.
    expect(difference(await frameOf(film, quickFrames), bars(quickFrames + 1))).toBeGreaterThan(24);
  });

  it('announces the steps that the program has begun with, whatever was asked for', async () => {
    await using client = await ContractClient.open(server.url);
    const { start, steps } = await makeSegment(client, 'steps', { num_inference_steps: 4 });
    expect(start['total_steps']).toBe(quickFrames);
    expect(steps).toHaveLength(quickFrames);
  });

  it('promises no sound in the mime when the program says that a run has none', async () => {
    await using client = await ContractClient.open(server.url);
    const segment = await makeSegment(client, 'silent');
    expect(segment.mediaInit['mime']).not.toMatch(/mp4a/);
    expect((await probe(filmOf([segment]))).streams).toEqual(['video']);
  });

  it('sends its pictures as JPEG files', async () => {
    await using client = await ContractClient.open(server.url, { stream_mode: 'legacy_jpeg' });
    await makeJpegSegment(client, 'one');
    const { files } = await makeJpegSegment(client, 'two');
    const pictures = await decodeJpegs(files, { width, height });
    expect(pictures).toHaveLength(quickFrames);
    for (const [index, picture] of pictures.entries()) {
      expect(difference(picture, bars(quickFrames + index))).toBeLessThan(12);
    }
  });
});

describe('`fastvideo serve` with a program that encodes by itself', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await readyServer('serve', [
      ...quick,
      ...runs('media-worker'),
      '--streaming.warmup.enabled',
      'true',
    ]);
  });
  afterEach(async () => idle(server));
  afterAll(async () => server.stop());

  it('sends its media as it is, and gives it back where the sound and the picture ended', async () => {
    await using client = await ContractClient.open(server.url);
    expect(client.frames('gpu_assigned')[0]).toMatchObject({ model_id: 'mock:gradient' });
    const segments = [];
    for (const prompt of ['one', 'two', 'three']) segments.push(await makeSegment(client, prompt));
    const { videoFrames, packets } = await probe(filmOf(segments));
    expect(videoFrames).toBe(3 * quickFrames);
    // One packet behind the other: nothing of the sound is lost or told twice at a boundary.
    for (const gap of audioGaps(packets)) expect(gap).toBeCloseTo(1024 / 48_000, 4);
  });

  it('sends its JPEG files', async () => {
    await using client = await ContractClient.open(server.url, { stream_mode: 'legacy_jpeg' });
    for (const prompt of ['one', 'two']) {
      const { files, end } = await makeJpegSegment(client, prompt);
      expect(end).toMatchObject({ type: 'ltx2_segment_complete', frames: quickFrames });
      await decodeJpegs(files, { width, height });
    }
  });
});
