import { describe, expect, it } from 'vitest';
import { png } from '../../sessions/pictures.ts';
import { frameOf } from '../film.ts';
import { type Command, promptsAsTheyAre, quickPicture, type Shared } from '../servers.ts';
import { ProjectClient } from './project-client.ts';

const cap = ['--streaming.rollout_segment_cap', '4', '--streaming.generation_segment_cap', '0'];
const choices = [
  ...['--streaming.creation.aspect_ratios', '["9:16"]', '--streaming.creation.resolutions', '["480p"]'],
  ...['--streaming.creation.max_segment_seconds', '2'],
];
const args = [
  ...[...quickPicture, ...promptsAsTheyAre, ...cap, ...choices],
  ...['--streaming.max_image_bytes', '20000'],
];

interface Uploaded {
  readonly asset_id: string;
  readonly url: string;
}

/** What a newer web app says about its video, and what it uploads. */
export function creationTests(shared: Shared, command: Command): void {
  describe(`the choices of a project of \`fastvideo ${command}\``, () => {
    const start = async () => (await shared(command, args)).url;

    it('are told', async () => {
      const capabilities: unknown = await (await fetch(`${await start()}/creation-capabilities`)).json();
      const any = command === 'mock';
      const choices = {
        generation_modes: any ? ['t2va', 'i2v', 'fl2va', 'ref2va'] : ['t2va'],
        aspect_ratios: ['4:3', '9:16'],
        resolutions: ['480p'],
        min_segment_duration_sec: 1,
        max_segment_duration_sec: 2,
        unsupported_generation_modes: any
          ? {}
          : {
              i2v: 'The model of this server makes videos from text only.',
              ref2va: 'The model of this server makes videos from text only.',
              fl2va: 'The model of this server takes no last frame.',
            },
        reference_inputs: {
          media_types: ['image'],
          max_count: any ? 9 : 1,
          conditioning: any ? 'reference' : 'first_frame',
        },
      };
      expect(capabilities).toMatchObject({
        ...choices,
        model_ids: ['fast-ltx23'],
        models: { 'fast-ltx23': choices },
        segment_counts: [1, 2, 3, 4],
      });
    });

    it('are applied and told back', async () => {
      await using client = await ProjectClient.open(await start(), {
        ...{ model_id: 'fast-ltx23', generation_mode: 't2va', aspect_ratio: '9:16', resolution: '480p' },
        ...{ segment_count: 2, segment_duration_sec: 1, curated_prompts: ['one', 'two', 'three'] },
      });
      const creation_config = {
        ...{ model_id: 'fast-ltx23', generation_mode: 't2va', aspect_ratio: '9:16', resolution: '480p' },
        ...{ duration_sec: 2, segment_count: 2, segment_duration_sec: 1 },
        ...{ frame_width: 480, frame_height: 864, num_frames: 12, generation_segment_cap: 2 },
      };
      expect(await client.until('gpu_assigned')).toMatchObject({ generation_mode: 't2va', creation_config });
      expect(await client.until('ltx2_stream_start')).toMatchObject({
        generation_segment_cap: 2,
        creation_config,
      });
      await client.segment();
      await client.segment();
      await client.until('ltx2_stream_complete');
      const media = client.received.flatMap((received) =>
        received.kind === 'binary' ? [received.data] : [],
      );
      const frame = await frameOf(Buffer.concat(media), 11);
      expect(frame).toHaveLength(480 * 864 * 3);
    });

    it('hold for their project only', async () => {
      await using client = await ProjectClient.open(await start(), {
        ...{ aspect_ratio: '9:16', segment_count: 1, curated_prompts: ['one', 'two'] },
      });
      await client.until('ltx2_stream_complete');
      client.send({ type: 'end_project_keep_session' });
      await client.until('project_idle');
      client.send({ type: 'project_init_v1', curated_prompts: ['three', 'four'] });
      const started = await client.until('ltx2_stream_start');
      expect(started).toMatchObject({ generation_segment_cap: 4 });
      expect(started).not.toHaveProperty('creation_config');
      await client.segment();
      await client.segment();
    });

    it.each([
      [{ model_id: 'fast-h3' }, 'model_id: must be fast-ltx23, not "fast-h3".'],
      [{ generation_mode: 'v2v' }, 'generation_mode: must be '],
      [{ aspect_ratio: '1:1' }, 'aspect_ratio: must be 4:3 or 9:16, not "1:1".'],
      [{ resolution: '4k' }, 'resolution: must be 480p, not "4k".'],
      [{ segment_count: 5 }, 'segment_count: must be a whole number from 1 to 4, not 5.'],
      [{ segment_count: 1.5 }, 'segment_count: must be a whole number from 1 to 4, not 1.5.'],
      [{ segment_duration_sec: 3 }, 'segment_duration_sec: must be whole seconds from 1 to 2, not 3.'],
      [{ duration_sec: 7 }, 'duration_sec: must be 5, not "7".'],
      [{ duration_sec: 5, segment_count: 1 }, 'duration_sec: leave it out where segment_count is given.'],
      [{ conditioning_assets: [{ asset_id: 'a', role: 'reference' }] }, 'generation_mode: must be given'],
      [
        { generation_mode: 't2va', conditioning_assets: [{ asset_id: 'a', role: 'reference' }] },
        'generation_mode: t2va takes no pictures.',
      ],
    ])('%j are refused', async (choice, detail) => {
      const url = await start();
      await using refused = await ProjectClient.open(url, choice);
      const error = {
        code: 'invalid_message',
        retryable: false,
        about: { detail: expect.stringContaining(detail) },
      };
      expect(await refused.until('error')).toMatchObject(error);
      expect(await refused.close()).toMatchObject({ code: 1003, reason: 'invalid_init' });
      await using client = await ProjectClient.open(url, { single_clip_mode: true });
      await client.until('gpu_assigned');
      if ('conditioning_assets' in choice && !('generation_mode' in choice)) {
        client.send({ type: 'simple_generate', prompt: 'a clip', ...choice });
        expect(await client.until('error')).toMatchObject(error);
      }
      client.send({ type: 'end_project_keep_session' });
      await client.until('project_idle');
      client.send({ type: 'project_init_v1', ...choice });
      expect(await client.until('error')).toMatchObject(error);
    });

    it('a picture that was uploaded is used, and is not removed meanwhile', async () => {
      const url = await start();
      const picture = png({ width: 8, height: 8 });
      const answer = await fetch(`${url}/uploads`, {
        method: 'POST',
        headers: { 'content-type': 'image/png', 'x-asset-name': '../fox.png' },
        body: picture,
      });
      expect(answer.status).toBe(201);
      const upload = (await answer.json()) as Uploaded;
      expect(upload).toEqual({
        asset_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        upload_id: upload.asset_id,
        kind: 'image',
        name: '.._fox.png',
        mime_type: 'image/png',
        size: picture.length,
        width: 8,
        height: 8,
        url: `/uploads/${upload.asset_id}`,
      });
      const shown = await fetch(`${url}${upload.url}`);
      expect(shown.headers.get('content-type')).toBe('image/png');
      expect(Buffer.from(await shown.arrayBuffer())).toEqual(picture);
      await using client = await ProjectClient.open(url, {
        ...{ generation_mode: 'fl2va', segment_count: 1, curated_prompts: ['one'] },
        conditioning_assets: [
          { asset_id: upload.asset_id, role: 'first_frame' },
          { asset_id: upload.asset_id, role: 'last_frame' },
        ],
      });
      const remove = async () => (await fetch(`${url}${upload.url}`, { method: 'DELETE' })).status;
      if (command === 'mock') {
        expect(await client.until('gpu_assigned')).toMatchObject({ generation_mode: 'fl2va' });
        await client.until('ltx2_stream_complete');
        expect(await remove()).toBe(409);
        client.send({ type: 'leave' });
      } else {
        expect(await client.until('error')).toMatchObject({
          message: 'The model of this server takes no last frame.',
        });
      }
      await client.close();
      await expect.poll(remove).toBe(204);
      expect(await remove()).toBe(404);
    });

    it.each([
      ['text/plain', 'a text', 415],
      ['image/svg+xml', '<svg/>', 415],
      ['multipart/form-data; boundary=x', '--x--', 415],
      ['image/png', 'no picture', 400],
      ['image/jpeg', png({ width: 8, height: 8 }), 400],
      ['image/png', png({ width: 8, height: 8 }).subarray(0, 20), 400],
      ['image/png', Buffer.alloc(20_001), 413],
    ])('an upload of %s is refused where it is none', async (type, body, status) => {
      const answer = await fetch(`${await start()}/uploads`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: typeof body === 'string' ? body : new Uint8Array(body),
      });
      expect(answer.status).toBe(status);
      expect(await answer.json()).toMatchObject({
        message: expect.stringMatching(/^(The body|A body|The picture|Request body) /),
      });
    });

    it('an upload that is not there is told', async () => {
      await using client = await ProjectClient.open(await start(), {
        ...{ generation_mode: command === 'mock' ? 'ref2va' : 't2va' },
        ...(command === 'mock' ? { reference_asset_ids: ['0'.repeat(32)] } : { model_id: 'other' }),
      });
      const { about } = await client.until('error');
      expect(about).toMatchObject({
        detail:
          command === 'mock'
            ? `asset_id: there is no upload "${'0'.repeat(32)}"; upload the picture again.`
            : 'model_id: must be fast-ltx23, not "other".',
      });
    });
  });
}
