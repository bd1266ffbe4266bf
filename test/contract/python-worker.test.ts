import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { commandLine } from '../support/child-pids.ts';
import { needs } from '../support/needs.ts';
import { python } from '../support/python.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { failedStart, killWorker, programPid, workerPid } from './exec-programs.ts';
import { filmOf, frameOf, probe } from './film.ts';
import { decodeJpegs, makeJpegSegment } from './jpeg-segment.ts';
import { frames, height, later, model, picture, pythonServer, standIn, width } from './python-servers.ts';
import { makeSegment } from './segment.ts';
import { idle } from './servers.ts';
import { StreamRules } from './stream-rules.ts';

/** The red channel of the stand-in's frames is their number in the film. */
async function numberAt(film: Buffer, index: number): Promise<number> {
  const frame = await frameOf(film, index);
  let sum = 0;
  for (let at = 0; at < frame.length; at += 3) sum += frame[at] ?? 0;
  return sum / (frame.length / 3);
}

describe('`fastvideo serve` with FastVideo in Python', needs(python), () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await pythonServer(standIn);
  });
  afterEach(async () => idle(server));
  afterAll(async () => server.stop());

  it('streams segments with sound, each going on where the last one ended', async () => {
    await using client = await ContractClient.open(server.url);
    const segments = [];
    for (const prompt of ['sound one', 'sound two', 'sound three']) {
      segments.push(await makeSegment(client, prompt));
    }
    expect(segments.map(({ complete }) => complete['frames'])).toEqual([frames, later, later]);
    const film = filmOf(segments);
    const { videoFrames, streams, packets } = await probe(film);
    expect(videoFrames).toBe(frames + 2 * later);
    expect([...streams].sort()).toEqual(['audio', 'video']);
    const seconds = videoFrames / 24;
    const sound = packets
      .filter(({ codec_type }) => codec_type === 'audio')
      .map(({ pts_time }) => Number(pts_time));
    // What does not fill a packet, and what the encoder holds back, waits for the next segment.
    expect(Math.max(...sound)).toBeGreaterThan(seconds - 4 * (1024 / 24_000));
    const numbers = [];
    for (const index of [8, frames - 1, frames, frames + later]) numbers.push(await numberAt(film, index));
    // Blue is noise, which costs the encoder some accuracy in red.
    for (const [at, index] of [8, frames - 1, frames, frames + later].entries()) {
      expect(Math.abs((numbers[at] ?? 0) - (numbers[0] ?? 0) - (index - 8))).toBeLessThan(4);
    }
  });

  it('gives each frame as a JPEG file', async () => {
    await using client = await ContractClient.open(server.url, { stream_mode: 'legacy_jpeg' });
    const first = await makeJpegSegment(client, 'sound one');
    const second = await makeJpegSegment(client, 'sound two');
    expect([first.files.length, second.files.length]).toEqual([frames, later]);
    await decodeJpegs([...first.files, ...second.files], { width, height });
  });

  it('tells its steps and sends frames that are ready early', async () => {
    await using client = await ContractClient.open(server.url);
    const { steps, complete } = await makeSegment(client, 'progress partial', { num_inference_steps: 4 });
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(complete).toMatchObject({ frames });
  });

  it('goes on from the state in a new process after the worker was killed between two segments', async () => {
    await using client = await ContractClient.open(server.url);
    const first = await makeSegment(client, 'one');
    const before = await workerPid(server);
    await killWorker(server);
    const second = await makeSegment(client, 'two');
    expect(await workerPid(server)).not.toBe(before);
    const film = filmOf([first, second]);
    const [last, next] = [await numberAt(film, frames - 1), await numberAt(film, frames)];
    expect(Math.abs(next - last - 1)).toBeLessThan(3);
  });

  it('is resumed with its state', async () => {
    let resume = {};
    {
      await using client = await ContractClient.open(server.url);
      await makeSegment(client, 'one');
      const [assigned] = client.frames('gpu_assigned');
      resume = { session_id: assigned?.['session_id'], resume_token: assigned?.['resume_token'] };
    }
    await idle(server);
    const rules = new StreamRules({ nextIdx: 1, durationMs: (frames * 1000) / 24 });
    await using client = await ContractClient.open(server.url, { resume }, { rules });
    expect((await makeSegment(client, 'two')).complete).toMatchObject({ segment_idx: 1, frames: later });
  });

  it('is started again when its Python dies in the middle of a segment, and the session goes on', async () => {
    await using client = await ContractClient.open(server.url);
    await makeSegment(client, 'one');
    client.prompt('slow');
    await client.until('ltx2_segment_start');
    const pid = await programPid(server);
    expect(await commandLine(pid)).toMatch(/-m fastvideo_worker/);
    process.kill(pid, 'SIGKILL');
    expect(await client.until('error')).toMatchObject({
      code: 'worker_failed',
      retryable: true,
      message: expect.stringMatching(/was ended by SIGKILL/),
    });
    expect((await makeSegment(client, 'two')).complete).toMatchObject({ frames: later });
  });

  it.each([
    ['is out of memory', 'oom', /CUDA out of memory/],
    ['raises an exception', 'bug', /^KeyError: 'third'$/],
    ['gives frames of another size', 'small', /8x8.*96x64|96x64.*8x8/],
  ])('tells in one line when it %s, and makes the next segment', async (_, word, message) => {
    await using client = await ContractClient.open(server.url);
    client.prompt(word);
    const error = await client.until('error');
    expect(error['message']).toMatch(message);
    expect(error['message']).not.toMatch(/\n|Traceback/);
    await makeSegment(client, 'one');
  });
});

describe('`fastvideo serve` without a usable Python', () => {
  it('ends with exit code 2 and one line that names it', async () => {
    expect(await failedStart([...picture, ...model], { FASTVIDEO_PYTHON: '/no/such/python3' })).toEqual({
      code: 2,
      lastLine:
        'fastvideo: The Python "/no/such/python3" cannot run the FastVideo worker: there is no such program. Set FASTVIDEO_PYTHON to one that has the package fastvideo.',
    });
  });
});
