import { request } from 'node:http';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodedFrames } from '../contract/decoded.ts';
import { begin, openAiFor, videoEnded } from '../contract/jobs/videos.ts';
import { quick, quickFrames, readyServer } from '../contract/servers.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { becomes, readyRouter, stopAll } from './router-process.ts';

describe('videos and images through a router', () => {
  let replicas: ServerProcess[];
  let router: ServerProcess;
  let client: OpenAI;
  beforeAll(async () => {
    const args = [...quick, '--server.api_keys', '[the-key]'];
    replicas = await Promise.all([readyServer('mock', args), readyServer('mock', args)]);
    const urls = replicas.map(({ url }) => url);
    router = await readyRouter(
      urls.map((url) => ({ url })),
      { health_check: { api_key: 'the-key', interval_seconds: 0.2 } },
    );
    for (const url of urls) await becomes(router, url, 'healthy');
    client = openAiFor(router, 'the-key');
  });
  afterAll(async () => stopAll(router, ...replicas));

  const at = (index: number) => openAiFor(replicas[index] ?? expect.fail(), 'the-key');
  const film = async (id: string) =>
    Buffer.from(await (await client.videos.downloadContent(id)).arrayBuffer());

  it('are made at a replica and found there, with their content', async () => {
    const video = await videoEnded(client, await client.videos.create({ prompt: 'a kite' }));
    expect(video.status).toBe('completed');
    const pictures = (await decodedFrames(await film(video.id))).filter(({ track }) => track === 0);
    expect(pictures).toHaveLength(quickFrames);
    const part = await fetch(`${router.url}/v1/videos/${video.id}/content`, {
      headers: { range: 'bytes=4-7', authorization: 'Bearer the-key' },
    });
    expect([part.status, await part.text()]).toEqual([206, 'ftyp']);
    const thumbnail = await client.videos.downloadContent(video.id, { variant: 'thumbnail' });
    expect(thumbnail.headers.get('content-type')).toBe('image/jpeg');
    const events = await (
      await fetch(`${router.url}/v1/videos/${video.id}/events`, { headers: { 'x-api-key': 'the-key' } })
    ).text();
    expect(events).toMatch(/^event: done\ndata: /);
  });

  it('go to the replicas in turn', async () => {
    const made = [];
    for (let index = 0; index < 4; index += 1)
      made.push(await client.videos.create({ prompt: `job ${index}` }));
    for (const index of [0, 1]) {
      const own = (await at(index).videos.list({ limit: 100 })).data.map(({ id }) => id);
      expect(made.filter(({ id }) => own.includes(id))).toHaveLength(2);
    }
  });

  it('of all replicas are in one list, over pages', async () => {
    const own = [
      await at(0).videos.create({ prompt: 'one' }),
      await at(1).videos.create({ prompt: 'other' }),
    ];
    for (const video of own) await videoEnded(client, video);
    const ids: string[] = [];
    for await (const { id } of client.videos.list({ limit: 1 })) ids.push(id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(own.map(({ id }) => id)));
    const oldest: string[] = [];
    for await (const { id } of client.videos.list({ limit: 2, order: 'asc' })) oldest.push(id);
    expect(oldest).toEqual([...ids].reverse());
    await expect(client.videos.list({ after: 'video_none' })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  it('are remixed, extended and deleted where they are', async () => {
    for (const index of [0, 1]) {
      const { id } = await videoEnded(client, await begin(at(index), { prompt: 'a kite', num_frames: 4 }));
      const remix = await videoEnded(client, await client.videos.remix(id, { prompt: 'a bird' }));
      expect(await at(index).videos.retrieve(remix.id)).toMatchObject({ remixed_from_video_id: id });
      const longer = await client.videos.extend({ video: { id }, prompt: 'rain', seconds: '4' });
      expect(await at(index).videos.retrieve(longer.id)).toMatchObject({ extended_from_video_id: id });
      await videoEnded(client, longer);
      expect(await client.videos.delete(id)).toMatchObject({ id, deleted: true });
      await expect(client.videos.retrieve(id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
    }
    const nowhere = client.videos.extend({ video: { id: 'video_none' }, prompt: 'rain', seconds: '4' });
    await expect(nowhere).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  it('give images with links to the router', async () => {
    const { data } = await client.images.generate({ prompt: 'a kite', size: '64x64' });
    const { url = '', b64_json } = data?.[0] ?? {};
    expect(url.startsWith(`${router.url}/v1/images/`)).toBe(true);
    const response = await fetch(url, { headers: { authorization: 'Bearer the-key' } });
    expect(Buffer.from(await response.arrayBuffer()).toString('base64')).toBe(b64_json);
  });

  it('are refused as the replica refuses them', async () => {
    await expect(openAiFor(router, 'wrong').videos.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(openAiFor(router, 'wrong').videos.retrieve('video_x')).rejects.toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
    await expect(begin(client, { prompt: 'a kite', size: '1x1' })).rejects.toMatchObject({
      status: 400,
      param: 'size',
    });
    await expect(client.models.retrieve('sora-2')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
    expect((await client.models.list()).data[0]?.id).toBe('mock:gradient');
  });

  it.each(['/v1/models/%2e%2e/%2e%2e/metrics', '/v1/models/..%2f..%2fmetrics', '/v1/videos/%2e%2e/content'])(
    'are no way to another route: %s',
    async (path) => {
      const { hostname, port } = new URL(router.url);
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const headers = { authorization: 'Bearer the-key' };
        request({ hostname, port, path, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
      expect(status).toBe(404);
    },
  );

  it('at a replica that has died are said to be there', async () => {
    const known = await videoEnded(client, await at(1).videos.create({ prompt: 'a kite' }));
    const unknown = await at(1).videos.create({ prompt: 'a kite that nobody asked the router for' });
    const [, dying] = replicas;
    dying?.signal('SIGKILL');
    await dying?.exited;
    // Whether the router knows it yet or not.
    for (const made of [1, 2]) {
      expect((await client.videos.create({ prompt: `goes on ${made}` })).status).toBe('queued');
    }
    expect((await client.videos.list()).data.length).toBeGreaterThan(1);
    await becomes(router, dying?.url ?? '', 'unhealthy');
    for (const { id } of [known, unknown]) {
      await expect(client.videos.retrieve(id)).rejects.toMatchObject({
        status: 503,
        message: expect.stringContaining('cannot be asked now'),
      });
    }
    expect(await videoEnded(client, await client.videos.create({ prompt: 'goes on' }))).toMatchObject({
      status: 'completed',
    });
  });
});
