import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { descendantPids } from '../support/child-pids.ts';
import { needs } from '../support/needs.ts';
import { python } from '../support/python.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { ContractClient } from './client.ts';
import { failedStart, isAlive, killWorker } from './exec-programs.ts';
import { filmOf, frameOf, probe } from './film.ts';
import { frames, model, picture, pythonServer, standIn, width } from './python-servers.ts';
import { makeSegment } from './segment.ts';
import { statusOf } from './servers.ts';

describe('`fastvideo serve` with FastVideo in Python', needs(python), () => {
  it('lets a segment be cancelled at once while the model computes, and keeps the worker', async () => {
    // The model computes on for half a minute: nobody else should have to wait for that.
    await using own = await pythonServer(standIn);
    await using client = await ContractClient.open(own.url);
    client.prompt('slow');
    await client.until('ltx2_segment_start');
    client.send({ type: 'cancel_segment' });
    await client.until('segment_cancelled');
    expect((await statusOf(own)).gpu_status['0']).toMatchObject({ restarts: 0 });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'leaves no Python behind after %s, also when it is at work',
    async (signal) => {
      await using own = await pythonServer(standIn, ['--server.drain_seconds', '0.5']);
      await using client = await ContractClient.open(own.url);
      client.prompt('slow');
      await client.until('ltx2_segment_start');
      const all = await descendantPids(own.pid);
      expect(all.length).toBeGreaterThanOrEqual(2);
      own.signal(signal);
      await own.exited;
      await waitFor('end of all processes', () => all.every((pid) => !isAlive(pid)));
    },
  );

  it('tells what is missing when it does not start, in one line', async () => {
    const bare = { FASTVIDEO_PYTHON: standIn['FASTVIDEO_PYTHON'] ?? '', PYTHONPATH: '' };
    expect(await failedStart([...picture, ...model], bare)).toEqual({
      code: 2,
      lastLine: expect.stringMatching(/^fastvideo: The package fastvideo is not installed for .*pip install/),
    });
    expect(await failedStart([...picture, ...model], { ...standIn, STAND_IN_CUDA: '0' })).toEqual({
      code: 1,
      lastLine: expect.stringMatching(/^fastvideo: No CUDA device: .*FastVideo does not run on a CPU\.$/),
    });
    const missing = ['--generator.model_path', '/models/missing'];
    expect(await failedStart([...picture, ...missing], standIn)).toEqual({
      code: 2,
      lastLine: expect.stringMatching(/^fastvideo: generator.model_path "\/models\/missing" does not exist;/),
    });
  });
});

describe('the example of docs/worker-protocol.md', needs(python), () => {
  it('draws a bar that moves on from segment to segment, also in a new process', async () => {
    const path = join(repositoryRoot, 'docs/examples/minimal-worker.py');
    const example = ['--generator.model_path', `exec:"${python.path}" "${path}"`];
    await using server = await pythonServer({}, example);
    await using client = await ContractClient.open(server.url);
    expect(client.frames('gpu_assigned')[0]).toMatchObject({ model_id: 'moving bar' });
    const segments = [await makeSegment(client, 'a red fox')];
    await killWorker(server);
    segments.push(await makeSegment(client, 'a red fox'));
    expect(segments.map(({ complete }) => complete['frames'])).toEqual([frames, frames]);
    const film = filmOf(segments);
    expect((await probe(film)).streams).toEqual(['video']);
    for (const index of [0, frames, 2 * frames - 1]) {
      const light = columns(await frameOf(film, index));
      const lit = Array.from({ length: width / 8 + 1 }, (_, x) => (2 * index + x) % width);
      const dark = light.filter((_, x) => !lit.includes(x));
      expect(mean(lit.map((x) => light[x] ?? 0))).toBeGreaterThan(5 * mean(dark));
    }
  });

  /** How light each column of a picture is. */
  function columns(frame: Buffer): number[] {
    const light = Array<number>(width).fill(0);
    for (const [at, value] of frame.entries()) {
      const x = Math.floor(at / 3) % width;
      light[x] = (light[x] ?? 0) + value;
    }
    return light;
  }

  function mean(values: readonly number[]): number {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }
});
