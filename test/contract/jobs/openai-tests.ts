import OpenAI, { toFile } from 'openai';
import { beforeAll, describe, expect, it } from 'vitest';
import { png } from '../../sessions/pictures.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import { decodedFrames } from '../decoded.ts';
import { probe } from '../film.ts';
import { type Command, quick, quickFrames, type Shared } from '../servers.ts';
import { openAiFor, videoEnded } from './videos.ts';

/** The `openai` package for Node, as its users call it. */
export function openAiTests(shared: Shared, command: Command): void {
  describe(`the client openai for Node with \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    let client: OpenAI;
    beforeAll(async () => {
      server = await shared(command, quick);
      client = openAiFor(server);
    });

    async function madeVideo(body: Partial<OpenAI.VideoCreateParams> & Record<string, unknown> = {}) {
      return await videoEnded(
        client,
        await client.videos.create({ prompt: 'a red kite over dunes', ...body }),
      );
    }

    async function film(id: string): Promise<Buffer> {
      return Buffer.from(await (await client.videos.downloadContent(id)).arrayBuffer());
    }

    it('makes a video, tells how it is, and gives a film that ffmpeg reads', async () => {
      const begun = await client.videos.create({
        prompt: 'a red kite',
        seconds: '1' as '4',
        size: '160x96' as '1280x720',
      });
      expect(begun).toMatchObject({
        object: 'video',
        size: '160x96',
        seconds: '1',
        prompt: 'a red kite',
        error: null,
      });
      const video = await videoEnded(client, begun);
      expect(video).toMatchObject({ id: begun.id, status: 'completed', progress: 100 });
      expect(video.completed_at).toBeGreaterThanOrEqual(video.created_at);
      const response = await client.videos.downloadContent(video.id);
      expect(response.headers.get('content-type')).toBe('video/mp4');
      const bytes = Buffer.from(await response.arrayBuffer());
      expect((await probe(bytes)).videoFrames).toBe(24);
      expect((await decodedFrames(bytes)).filter(({ track }) => track === 0)).toHaveLength(24);
    });

    it('gives the same frames for the same request, and others for another seed', async () => {
      const of = async (seed: number) => {
        const { id } = await madeVideo({ seed, num_frames: 4 });
        return (await decodedFrames(await film(id))).map(({ md5 }) => md5);
      };
      const [one, again, other] = [await of(1), await of(1), await of(2)];
      expect(again).toEqual(one);
      expect(other).not.toEqual(one);
    });

    it('answers ranges of a finished video', async () => {
      const { id } = await madeVideo();
      const whole = await film(id);
      const url = `${server.url}/v1/videos/${id}/content`;
      const part = await fetch(url, { headers: { range: 'bytes=10-19' } });
      expect(part.status).toBe(206);
      expect(part.headers.get('content-range')).toBe(`bytes 10-19/${whole.length}`);
      expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(10, 20));
      expect((await fetch(url, { headers: { range: `bytes=${whole.length}-` } })).status).toBe(416);
      const head = await fetch(url, { method: 'HEAD' });
      expect(head.headers.get('content-length')).toBe(String(whole.length));
    });

    it('gives a thumbnail', async () => {
      const { id } = await madeVideo();
      const response = await client.videos.downloadContent(id, { variant: 'thumbnail' });
      expect(response.headers.get('content-type')).toBe('image/jpeg');
      const jpeg = Buffer.from(await response.arrayBuffer());
      expect([...jpeg.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
      expect(await decodedFrames(jpeg)).toHaveLength(1);
    });

    it('lists videos over pages, in both orders', async () => {
      const made = [];
      for (const prompt of ['one', 'two', 'three']) made.push((await client.videos.create({ prompt })).id);
      for (const id of made) await videoEnded(client, await client.videos.retrieve(id));
      const newest: string[] = [];
      for await (const { id } of client.videos.list({ limit: 2 })) newest.push(id);
      expect(newest.slice(0, 3)).toEqual([...made].reverse());
      const oldest: string[] = [];
      for await (const { id } of client.videos.list({ limit: 1, order: 'asc' })) oldest.push(id);
      expect(oldest).toEqual([...newest].reverse());
    });

    it('deletes a video', async () => {
      const { id } = await madeVideo();
      expect(await client.videos.delete(id)).toEqual({ id, object: 'video.deleted', deleted: true });
      await expect(client.videos.retrieve(id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
      await expect(client.videos.downloadContent(id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    });

    it('makes a video again with other words, and says of which', async () => {
      const { id } = await madeVideo({ seed: 7, num_frames: 6 });
      const remix = await videoEnded(client, await client.videos.remix(id, { prompt: 'a blue kite' }));
      expect(remix).toMatchObject({
        remixed_from_video_id: id,
        prompt: 'a blue kite',
        seed: 7,
        status: 'completed',
      });
      expect((await probe(await film(remix.id))).videoFrames).toBe(6);
    });

    it('goes on from a video: its frames come first, and the new ones follow without a seam', async () => {
      const { id } = await madeVideo();
      const before = await decodedFrames(await film(id));
      const begun = await client.videos.extend({
        video: { id },
        prompt: 'and then rain',
        seconds: '1' as '4',
      });
      const longer = await videoEnded(client, begun);
      expect(longer).toMatchObject({ status: 'completed', extended_from_video_id: id, seconds: '1.5' });
      const whole = await film(longer.id);
      const pictures = (await decodedFrames(whole)).filter(({ track }) => track === 0);
      expect(pictures.slice(0, quickFrames)).toEqual(before.filter(({ track }) => track === 0));
      expect(pictures).toHaveLength(quickFrames + 24);
      const steps = pictures.slice(1).map(({ pts }, index) => pts - (pictures[index]?.pts ?? 0));
      expect(new Set(steps).size).toBe(1);
    });

    it('makes images in the formats that are asked for', async () => {
      for (const format of ['png', 'jpeg', 'webp'] as const) {
        const images = await client.images.generate({
          prompt: 'a red kite',
          n: 2,
          size: '256x256',
          output_format: format,
        });
        expect(images.data).toHaveLength(2);
        for (const { b64_json, url = '' } of images.data ?? []) {
          const response = await fetch(url);
          expect(response.headers.get('content-type')).toBe(`image/${format}`);
          const bytes = Buffer.from(await response.arrayBuffer());
          expect(bytes.toString('base64')).toBe(b64_json);
          expect(await decodedFrames(bytes)).toHaveLength(1);
        }
      }
      const linked = await client.images.generate({ prompt: 'a red kite', response_format: 'url' });
      expect(linked.data?.[0]).toEqual({
        url: expect.stringContaining('/v1/images/'),
        revised_prompt: 'a red kite',
      });
    });

    it('names the loaded model', async () => {
      const { data } = await client.models.list();
      const [{ id } = { id: '' }] = data;
      expect(data).toHaveLength(1);
      expect(await client.models.retrieve(id)).toMatchObject({ id, owned_by: 'fastvideo' });
      await expect(client.models.retrieve('sora-2')).rejects.toMatchObject({
        status: 404,
        code: 'model_not_found',
      });
    });

    it('tells what is wrong with a request', async () => {
      const refused = async (body: Record<string, unknown>) =>
        await client.videos.create({ prompt: 'a kite', ...body }).then(
          () => expect.fail('it was taken'),
          (error: unknown) => error,
        );
      const bad = { name: 'Error', status: 400 };
      expect(await refused({ prompt: ' ' })).toMatchObject({
        ...bad,
        param: 'prompt',
        code: 'invalid_message',
      });
      expect(await refused({ prompt: 'x'.repeat(100_001) })).toMatchObject({ ...bad, param: 'prompt' });
      expect(await refused({ size: '1x1' })).toMatchObject({ ...bad, param: 'size' });
      expect(await refused({ size: '8192x8192' })).toMatchObject({ ...bad, param: 'size' });
      expect(await refused({ seconds: 'long' })).toMatchObject({ ...bad, param: 'seconds' });
      expect(await refused({ num_frames: 99_999 })).toMatchObject({ ...bad, param: 'num_frames' });
      expect(await refused({ num_inference_steps: 0 })).toMatchObject({
        ...bad,
        param: 'num_inference_steps',
      });
      expect(await refused({ num_frame: 3 })).toMatchObject({
        ...bad,
        param: 'num_frame',
        code: 'unknown_parameter',
      });
      expect(await refused({ reference_url: 'http://127.0.0.1/picture.png' })).toMatchObject({
        ...bad,
        param: 'input_reference',
      });
      expect(await refused({ input_reference: { image_url: 'data:image/png;base64,AAAA' } })).toBeInstanceOf(
        OpenAI.BadRequestError,
      );
      expect(
        await refused({ input_reference: await toFile(Buffer.from('no picture'), 'a.png') }),
      ).toBeInstanceOf(OpenAI.BadRequestError);
      await expect(client.videos.list({ after: 'video_none' })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
      await expect(client.images.generate({ prompt: 'a kite', n: 11 })).rejects.toMatchObject({
        status: 400,
        param: 'n',
      });
      await expect(
        client.images.generate({ prompt: 'a kite', background: 'transparent' }),
      ).rejects.toMatchObject({ param: 'background' });
    });

    it.each([
      ['without a boundary', 'multipart/form-data', '--b'],
      [
        'that is cut off',
        'multipart/form-data; boundary=b',
        '--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na',
      ],
      [
        'with a name that changes prototypes',
        'multipart/form-data; boundary=b',
        '--b\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\na\r\n--b--\r\n',
      ],
      ['that is no form', 'text/plain', 'a kite'],
      ['with half a character', 'application/json', '{"prompt": "\\ud800"}'],
      ['that is a list', 'application/json', '[]'],
      ['without anything', 'application/json', ''],
    ])('refuses a body %s as the mistake of its sender', async (_, type, body) => {
      const response = await fetch(`${server.url}/v1/videos`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: {
          code: 'invalid_message',
          type: 'invalid_request_error',
          message: expect.stringMatching(/^.{10,200}$/),
        },
      });
    });

    it('takes the members that FastVideo knows, in a form, in JSON and in extra_body', async () => {
      const members = {
        fps: 12,
        num_frames: 6,
        seed: 3,
        negative_prompt: 'rain',
        guidance_scale: 2.5,
        num_inference_steps: 2,
      };
      const post = async (body: FormData | string, headers: Record<string, string> = {}) =>
        await (await fetch(`${server.url}/v1/videos`, { method: 'POST', body, headers })).json();
      const form = new FormData();
      form.set('prompt', 'a kite');
      form.set('extra_body', JSON.stringify(members));
      const json = JSON.stringify({ prompt: 'a kite', ...members });
      for (const answer of [await post(form), await post(json, { 'content-type': 'application/json' })]) {
        expect(answer).toMatchObject({ fps: 12, num_frames: 6, seed: 3, seconds: '0.5' });
      }
    });

    it('begins a video with a picture that comes as a file, where its model takes one', async () => {
      const body = {
        prompt: 'from here',
        input_reference: await toFile(png({ width: 8, height: 8 }), 'first.png', { type: 'image/png' }),
      };
      const { data } = await client.models.list();
      if (data[0]?.id === 'builtin:cppn') {
        await expect(client.videos.create(body)).rejects.toMatchObject({
          status: 400,
          param: 'input_reference',
        });
      } else {
        expect(await madeVideo(body)).toMatchObject({ status: 'completed' });
      }
    });
  });
}
