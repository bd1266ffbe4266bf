import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startServer } from '../../support/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';
import { quick } from '../servers.ts';
import { ProjectClient } from './project-client.ts';

const data =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const initial_image = { mime: 'image/png', data };

it('the picture of a session of /ws is kept while it is needed, and removed with the session', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fastvideo-pictures-'));
  const pictures = async () =>
    (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.png'));
  try {
    const args = [...quick, '--streaming.warmup.enabled', 'false'];
    await using server = await startServer({ command: 'mock', args, env: { TMPDIR: folder } });
    await using client = await ProjectClient.open(server.url, { curated_prompts: ['one'], initial_image });
    await client.segment();
    const first = await pictures();
    expect(first).toHaveLength(1);
    client.send({ type: 'simple_generate', prompt: 'a clip', initial_image });
    await client.until('ltx2_stream_complete');
    await waitFor('one picture', async () => (await pictures()).length === 1);
    expect(await pictures()).not.toEqual(first);
    client.send({ type: 'simple_generate', prompt: 'a clip without a picture' });
    await client.until('ltx2_stream_complete');
    await waitFor('no picture', async () => (await pictures()).length === 0);
    // As the web app sends one; the browser's name of it may end with anything.
    const picture = { name: 'a.jfif', mime_type: 'image/png', data_url: `data:image/png;base64,${data}` };
    client.send({ type: 'simple_generate', prompt: 'a clip', initial_image: picture });
    await client.until('ltx2_stream_complete');
    await waitFor('one picture', async () => (await pictures()).length === 1);
    client.send({ type: 'simple_generate', prompt: 'a clip', initial_image: { ...picture, data_url: ' ' } });
    await client.until('ltx2_stream_complete');
    await waitFor('no picture', async () => (await pictures()).length === 0);
    for (const wrong of [
      { ...picture, data_url: 'https://example.org/a.png' },
      { ...picture, mime_type: 'image/webp' },
      { mime: 'image/png' },
    ]) {
      client.send({ type: 'simple_generate', prompt: 'a clip', initial_image: wrong });
      expect(await client.until('error')).toMatchObject({
        message: expect.stringMatching(/^The picture cannot be used: /),
        about: { message: 'simple_generate', detail: expect.stringContaining('initial_image') },
      });
    }
    client.send({ type: 'leave' });
    await client.close();
    await waitFor('no picture', async () => (await pictures()).length === 0);
    await using refused = await ProjectClient.open(server.url, {
      initial_image: { ...initial_image, mime: 'image/jpeg' },
    });
    expect(await refused.close()).toMatchObject({ code: 1003, reason: 'Invalid initial image' });
    expect(await pictures()).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
