import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { python } from '../support/python.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { killWorker } from './exec-programs.ts';
import { filmOf, probe } from './film.ts';
import { dropped, fromPicture, fromText, plainPicture, redOf } from './picture-models.ts';
import { frames, pythonServer, standIn } from './python-servers.ts';
import { makeSegment, type Segment } from './segment.ts';
import { idle, statusOf } from './servers.ts';

const later = frames - dropped;

describe(
  '`fastvideo serve` with a model of FastVideo that makes videos from a picture',
  needs(python),
  () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await pythonServer(standIn, [...fromPicture, '--streaming.warmup.enabled', 'true']);
    });
    afterEach(async () => idle(server));
    afterAll(async () => server.stop());

    it('begins each segment with the last picture of the one before, also in a new process', async () => {
      await using client = await ContractClient.open(server.url, { initial_image: plainPicture(20) });
      const segments = [await makeSegment(client, 'one'), await makeSegment(client, 'two')];
      await killWorker(server);
      segments.push(await makeSegment(client, 'three'));
      expect(segments.map(({ complete }) => complete['frames'])).toEqual([frames, later, later]);
      const film = filmOf(segments);
      const { streams, videoFrames } = await probe(film);
      expect([streams, videoFrames]).toEqual([['video'], frames + 2 * later]);
      // Each frame counts on from the picture that its segment began with, and no picture comes twice.
      const seams = [0, frames - 1, frames, frames + later - 1, frames + later, videoFrames - 1];
      const red = await redOf(film, ...seams);
      const first = red[0] ?? 0;
      expect(Math.abs(first - 20)).toBeLessThan(3);
      for (const [at, index] of seams.entries()) {
        // Blue is noise, which costs the encoder some accuracy in red.
        expect(Math.abs((red[at] ?? 0) - first - index)).toBeLessThan(4);
      }
    });

    it('takes up a session from the state of another', async () => {
      let continuation_state: unknown;
      const segments: Segment[] = [];
      {
        await using client = await ContractClient.open(server.url, { initial_image: plainPicture(40) });
        segments.push(await makeSegment(client, 'one'));
        client.send({ type: 'snapshot_state' });
        continuation_state = (await client.until('continuation_state_snapshot'))['state'];
      }
      await idle(server);
      expect(continuation_state).toMatchObject({ kind: 'wan.last_frame.v1' });
      await using client = await ContractClient.open(server.url, { continuation_state });
      const second = await makeSegment(client, 'two');
      expect(second.complete).toMatchObject({ frames: later });
      const [last] = await redOf(filmOf(segments), frames - 1);
      const [next] = await redOf(filmOf([second]), 0);
      expect(Math.abs((next ?? 0) - (last ?? 0) - 1)).toBeLessThan(4);
    });

    it('tells what the model can do', async () => {
      const capabilities = {
        sound: false,
        pictures: ['first_frame'],
        needs_first_frame: true,
        continuation: 'last_frame',
        limits: { size_multiple: 16, min_seed: 0, frame_step: 4, frame_rest: 1 },
      };
      expect((await statusOf(server)).gpu_status['0']).toMatchObject({ capabilities });
      await using client = await ContractClient.open(server.url);
      expect(client.frames('gpu_assigned')[0]).toMatchObject({ capabilities });
      client.prompt('one');
      expect(await client.until('error')).toMatchObject({
        code: 'invalid_message',
        message: expect.stringContaining('initial_image is missing'),
      });
      const offer: unknown = await (await fetch(`${server.url}/creation-capabilities`)).json();
      expect(offer).toMatchObject({
        generation_modes: ['i2v', 'ref2va'],
        unsupported_generation_modes: { t2va: 'The model of this server makes videos from a picture.' },
      });
    });

    it('refuses the state of another family when a session opens', async () => {
      await using client = await ContractClient.connect(server.url);
      const continuation_state = { kind: 'minimax_h3.last_frame.v1', payload: {} };
      client.send({ type: 'session_init_v2', continuation_state });
      expect(await client.until('error')).toMatchObject({ code: 'preset_mismatch' });
    });
  },
);

describe('`fastvideo serve` with a model of FastVideo that takes no picture', needs(python), () => {
  it('begins each segment anew, in a film without a track of sound', async () => {
    await using server = await pythonServer(standIn, fromText);
    await using client = await ContractClient.open(server.url);
    expect(client.frames('gpu_assigned')[0]).toMatchObject({
      capabilities: { sound: false, pictures: [], continuation: 'none' },
    });
    const segments = [await makeSegment(client, 'one'), await makeSegment(client, 'two')];
    expect(segments.map(({ complete }) => complete['frames'])).toEqual([frames, frames]);
    const film = filmOf(segments);
    expect(await probe(film)).toMatchObject({ streams: ['video'], videoFrames: 2 * frames });
    const [begin, last, again] = await redOf(film, 0, frames - 1, frames);
    expect(Math.abs((last ?? 0) - (begin ?? 0) - (frames - 1))).toBeLessThan(4);
    expect(Math.abs((again ?? 0) - (begin ?? 0))).toBeLessThan(4);
  });
});
