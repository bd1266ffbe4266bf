import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMockGenerator } from '../../src/core/generators/mock/mock-generator.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { difference, filmOf, frameOf } from './film.ts';
import { decodeJpegs, makeJpegSegment } from './jpeg-segment.ts';
import { makeSegment } from './segment.ts';
import {
  type Command,
  endless,
  idle,
  quick,
  quickFrames,
  readyServer,
  type Shared,
  statusOf,
} from './servers.ts';
import { StreamRules } from './stream-rules.ts';

const picture = { width: 128, height: 96 };
export const jpegs = { stream_mode: 'legacy_jpeg' };
/** The test pattern, whichever command makes it: its pictures are known. */
export const mock = ['--generator.model_path', 'mock:gradient'];
/** Steps of 0 to 255 that a picture may differ by after JPEG at a usual quality. */
const asJpeg = 4;

/** The pictures that the test pattern gives, drawn here. */
async function drawn(prompt: string, numFrames: number): Promise<Buffer[]> {
  const request = { ...picture, prompt, seed: 5, fps: 24, numFrames, numInferenceSteps: 1, guidanceScale: 1 };
  const frames: Buffer[] = [];
  for await (const event of createMockGenerator().generate(request, new AbortController().signal)) {
    if (event.type === 'frame') frames.push(Buffer.from(event.data));
  }
  return frames;
}

async function healthMode(server: ServerProcess): Promise<unknown> {
  return ((await (await fetch(`${server.url}/health`)).json()) as { stream_mode: unknown }).stream_mode;
}

/** Waits until the session's step has not moved for many looks at it, and says which it is. */
async function standstill(server: ServerProcess): Promise<number> {
  let last = -1;
  let same = 0;
  await waitFor('standstill', async () => {
    const { sessions } = (await statusOf(server)) as unknown as { sessions: readonly { step: number }[] };
    const step = sessions[0]?.step ?? -1;
    same = step === last ? same + 1 : 0;
    last = step;
    return step > 0 && same >= 40;
  });
  return last;
}

async function readEnd(client: ContractClient): Promise<{ readonly type: string }> {
  for (;;) {
    const frame = await client.frame();
    if (['segment_cancelled', 'ltx2_segment_complete', 'error'].includes(frame.type)) return frame;
  }
}

export function legacyJpegTests(shared: Shared, command: Command): void {
  describe(`\`fastvideo ${command}\` with stream_mode legacy_jpeg`, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, [...quick, ...mock]);
    });
    afterEach(async () => idle(server));

    it('sends each picture of the segment as a JPEG file of its size, and no other media', async () => {
      await using client = await ContractClient.open(server.url, jpegs);
      const { batches, files, end } = await makeJpegSegment(client, 'a red fox', { seed: 5 });
      expect(end).toMatchObject({ type: 'ltx2_segment_complete', segment_idx: 0, frames: quickFrames });
      expect(end['time_to_first_media_ms']).toEqual(expect.any(Number));
      const numbers = batches.map(({ start_frame }) => start_frame);
      expect(numbers[0]).toBe(0);
      expect(files).toHaveLength(quickFrames);
      const pictures = await decodeJpegs(files, picture);
      const due = await drawn('a red fox', quickFrames);
      const differences = pictures.map((shown, index) => difference(shown, due[index] ?? Buffer.alloc(0)));
      expect(Math.max(...differences)).toBeLessThan(asJpeg);
      // The comparison can tell: the other end of the segment is another picture.
      expect(difference(pictures[0] ?? Buffer.alloc(0), due.at(-1) ?? Buffer.alloc(0))).toBeGreaterThan(
        asJpeg,
      );
      expect(client.received.some(({ kind }) => kind === 'binary')).toBe(false);
      for (const type of ['media_init', 'media_segment_complete']) expect(client.frames(type)).toEqual([]);
    });

    it('reports the steps as with any other media', async () => {
      await using client = await ContractClient.open(server.url, jpegs);
      const { start } = await makeJpegSegment(client, 'a red fox', { num_inference_steps: 4 });
      const steps = client.frames('step_complete').map(({ step }) => step);
      expect(start['total_steps']).toBe(4);
      expect(steps).toEqual([1, 2, 3, 4]);
    });

    it('goes on in the next segment where the last one ended, and counts its frames from 0 again', async () => {
      await using client = await ContractClient.open(server.url, jpegs);
      const first = await makeJpegSegment(client, 'a fox', { seed: 5 });
      const second = await makeJpegSegment(client, 'a fox', { seed: 5 });
      expect([first, second].map(({ batches }) => batches[0]?.['start_frame'])).toEqual([0, 0]);
      expect(second.end).toMatchObject({ segment_idx: 1, frames: quickFrames });
      // The tall picture has a caption that counts within the segment; the lower half has none.
      const lower = (frame: Buffer | undefined) => frame?.subarray(frame.length / 2) ?? Buffer.alloc(0);
      const [shown] = await decodeJpegs(second.files, picture);
      const due = await drawn('a fox', quickFrames + 1);
      expect(difference(lower(shown), lower(due[quickFrames]))).toBeLessThan(asJpeg);
      expect(difference(lower(shown), lower(due[0]))).toBeGreaterThan(asJpeg);
    });

    it('gives a state that a session with av_fmp4 goes on from', async () => {
      await using client = await ContractClient.open(server.url, jpegs);
      await makeJpegSegment(client, 'a fox', { seed: 5 });
      client.send({ type: 'snapshot_state' });
      const { state } = await client.until('continuation_state_snapshot');
      client.send({ type: 'leave' });
      await client.close();
      await idle(server);
      await using later = await ContractClient.open(server.url, { continuation_state: state });
      const film = filmOf([await makeSegment(later, 'a fox', { seed: 5 })]);
      const lower = (frame: Buffer | undefined) => frame?.subarray(frame.length / 2) ?? Buffer.alloc(0);
      const due = (await drawn('a fox', quickFrames + 1))[quickFrames];
      expect(difference(lower(await frameOf(film, 0)), lower(due))).toBeLessThan(asJpeg);
    });

    it('is kept by a session that is resumed', async () => {
      let resume = {};
      {
        await using client = await ContractClient.open(server.url, jpegs);
        await makeJpegSegment(client, 'a fox');
        const [assigned] = client.frames('gpu_assigned');
        resume = { session_id: assigned?.['session_id'], resume_token: assigned?.['resume_token'] };
      }
      await idle(server);
      const rules = new StreamRules({ nextIdx: 1, durationMs: 500 });
      await using client = await ContractClient.open(server.url, { resume }, { rules });
      const { files, end } = await makeJpegSegment(client, 'a fox');
      expect(end).toMatchObject({ segment_idx: 1, frames: quickFrames });
      await decodeJpegs(files, picture);
    });

    it('is only what a client gets that asks for it: others get av_fmp4, and /health says so', async () => {
      await using client = await ContractClient.open(server.url);
      await makeSegment(client, 'a fox');
      expect(client.frames('frame_batch')).toEqual([]);
      expect(await healthMode(server)).toBe('av_fmp4');
    });
  });

  describe(`a long segment of legacy_jpeg of \`fastvideo ${command}\``, () => {
    const size = { width: 320, height: 192 };
    let server: ServerProcess;
    beforeAll(async () => {
      const args = ['--streaming.client_buffer_bytes', '65536', '--default_request.sampling.seed', '5'];
      server = await shared(command, [...endless, ...args]);
    });
    afterEach(async () => idle(server));

    it('is cancelled between two pictures: what came is whole, and the next one begins at 0', async () => {
      await using client = await ContractClient.open(server.url, jpegs);
      client.prompt('a fox');
      await client.until('frame_batch');
      await client.until('frame_batch');
      client.send({ type: 'cancel_segment' });
      await client.until('segment_cancelled');
      const files = client.frames('frame_batch').flatMap((batch) => batch['frames'] as string[]);
      expect(files.length).toBeLessThan(10_000);
      await decodeJpegs(
        files.slice(-20).map((file) => Buffer.from(file, 'base64')),
        size,
      );
      client.prompt('another');
      expect(await client.until('frame_batch')).toMatchObject({ segment_idx: 1, start_frame: 0 });
      client.send({ type: 'cancel_segment' });
      expect((await readEnd(client)).type).toBe('segment_cancelled');
    });

    it('waits for a client that does not read, and has lost nothing when it reads on', async () => {
      await using client = await ContractClient.open(server.url, jpegs);
      client.prompt('a fox', { num_inference_steps: 1000 });
      await client.until('frame_batch');
      client.socket.pause();
      const step = await standstill(server);
      // Ten frames are a step; all of them would be many times what the buffers on the way hold.
      expect(step).toBeLessThan(900);
      const before = client.frames('frame_batch').length;
      client.socket.resume();
      await waitFor('pictures that were held back', () => client.frames('frame_batch').length > before);
      await client.until('step_complete', (frame) => Number(frame['step']) > step);
      client.send({ type: 'cancel_segment' });
      expect((await readEnd(client)).type).toBe('segment_cancelled');
    });

    it('ends with the connection, and frees the worker', async () => {
      {
        await using client = await ContractClient.open(server.url, jpegs);
        client.prompt('a fox');
        await client.until('frame_batch');
      }
      await idle(server);
      await using client = await ContractClient.open(server.url, jpegs);
      client.prompt('a fox');
      expect(await client.until('frame_batch')).toMatchObject({ start_frame: 0 });
    });
  });
}

export function streamModeTests(command: Command): void {
  describe(`streaming.stream_mode legacy_jpeg of \`fastvideo ${command}\``, () => {
    it('is what a client gets that asks for nothing, and /health says so', async () => {
      await using server = await readyServer(command, [
        ...quick,
        '--streaming.stream_mode',
        'legacy_jpeg',
        ...(command === 'serve' ? ['--streaming.warmup.enabled', 'true'] : []),
      ]);
      expect(await healthMode(server)).toBe('legacy_jpeg');
      {
        await using client = await ContractClient.open(server.url);
        const { files } = await makeJpegSegment(client, 'a fox');
        await decodeJpegs(files, picture);
      }
      await idle(server);
      await using client = await ContractClient.open(server.url, { stream_mode: 'av_fmp4' });
      await makeSegment(client, 'a fox');
    });
  });
}
