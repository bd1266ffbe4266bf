import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { makeSegment } from './segment.ts';
import { type Command, idle, quick, type Shared } from './servers.ts';

const formats = [
  { mime: 'image/png', name: 'start.png', codec: 'png' },
  { mime: 'image/jpeg', name: '../../etc/start.JPG', codec: 'mjpeg' },
  { mime: 'image/webp', name: 'start.webp', codec: 'libwebp' },
] as const;

/** A small picture of that format, as base64, made by ffmpeg. */
async function picture(codec: string): Promise<string> {
  const source = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:duration=1', '-frames:v', '1', '-c:v', codec];
  const target = ['-f', codec === 'libwebp' ? 'webp' : 'image2pipe', '-'];
  const { stdout } = await promisify(execFile)('/usr/bin/ffmpeg', ['-v', 'error', ...source, ...target], {
    encoding: 'buffer',
  });
  return stdout.toString('base64');
}

const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64').toString(
  'base64',
);
const text = Buffer.from('This is not a picture at all.').toString('base64');
const refused = [
  ['is not base64', { mime: 'image/png', name: 'a.png', data: '***' }],
  ['is empty', { mime: 'image/png', name: 'a.png', data: '' }],
  ['is a GIF', { mime: 'image/gif', name: 'a.gif', data: gif }],
  ['is a GIF that says it is a PNG', { mime: 'image/png', name: 'a.png', data: gif }],
  ['is a text with the name of a PNG', { mime: 'image/png', name: 'a.png', data: text }],
  ['is over the limit', { mime: 'image/png', name: 'a.png', data: 'A'.repeat(40_000) }],
  ['has no data', { mime: 'image/png', name: 'a.png' }],
] as const;

export function imageTests(shared: Shared, command: Command): void {
  describe(`an initial image sent to \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, [...quick, '--streaming.max_image_bytes', '20000']);
    });
    afterEach(async () => idle(server));

    it.each(formats)('is taken when it is $mime', async ({ mime, name, codec }) => {
      const initial_image = { mime, name, data: await picture(codec) };
      await using client = await ContractClient.open(server.url, { initial_image });
      await makeSegment(client, 'a fox');
      await makeSegment(client, 'goes on');
    });

    it.each(['a\u0000.gif', '../../etc/passwd', 'photo.HEIC', '雪.png'])(
      'is taken whatever its name is: %j',
      async (name) => {
        const initial_image = { mime: 'image/png', name, data: await picture('png') };
        await using client = await ContractClient.open(server.url, { initial_image });
        await makeSegment(client, 'a fox');
      },
    );

    it.each([{}, { mime_type: 'image/png', name: 'a.png' }])(
      'is taken in a data_url, as FastVideo takes it, with %j',
      async (beside) => {
        const data_url = `data:image/png;base64,${await picture('png')}`;
        await using client = await ContractClient.open(server.url, {
          initial_image: { data_url, ...beside },
        });
        await makeSegment(client, 'a fox');
      },
    );

    it('is taken as a data URL and without a name', async () => {
      const data = `data:image/png;base64,${await picture('png')}`;
      await using client = await ContractClient.open(server.url, {
        initial_image: { mime: 'image/png', data },
      });
      await makeSegment(client, 'a fox');
    });

    it('is refused when its content is another format than its mime', async () => {
      const initial_image = { mime: 'image/webp', data: await picture('png') };
      await expectRefusal({ initial_image });
    });

    it.each(refused)('is refused when it %s', async (_, initial_image) => {
      await expectRefusal({ initial_image });
    });

    async function expectRefusal(init: object): Promise<void> {
      await using client = await ContractClient.connect(server.url);
      client.send({ type: 'session_init_v2', ...init });
      const error = await client.frame();
      expect(error).toMatchObject({ type: 'error', code: 'invalid_message', retryable: false });
      expect(error['message']).toMatch(/image/);
      expect(await client.next()).toEqual({ kind: 'close', code: 1003, reason: 'invalid_init' });
    }
  });
}
