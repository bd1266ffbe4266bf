import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { ContractClient } from './client.ts';
import { makeSegment, type Segment } from './segment.ts';
import { idle, quick, sharedServers } from './servers.ts';
import { StreamRules } from './stream-rules.ts';

const shared = sharedServers();
const offered = [
  '--streaming.creation.aspect_ratios',
  '["9:16"]',
  '--streaming.creation.resolutions',
  '["480p"]',
];
const tall = { aspect_ratio: '9:16', resolution: '480p' };
const tallSize = { width: 480, height: 864 };
const usualSize = { width: 128, height: 96 };

/** What the track header of the film says, in whole pixels. */
function sizeOf({ init }: Segment): { readonly width: number; readonly height: number } {
  // `width` and `height` end a `tkhd` of version 0, as 16.16 fixed-point numbers.
  const body = init.indexOf('tkhd') + 4;
  return { width: init.readUInt16BE(body + 76), height: init.readUInt16BE(body + 80) };
}

describe('the shape of the video that a client of /v1/stream chooses', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await shared('serve', [...quick, ...offered]);
  });
  afterEach(async () => idle(server));

  it('is that of the config without a choice', async () => {
    await using client = await ContractClient.open(server.url);
    expect(client.frames('ltx2_stream_start')).toMatchObject([usualSize]);
    expect(sizeOf(await makeSegment(client, 'a red fox'))).toEqual(usualSize);
  });

  it('is what it said, also after a resume', async () => {
    let resume: object;
    {
      await using client = await ContractClient.open(server.url, tall);
      expect(client.frames('ltx2_stream_start')).toMatchObject([tallSize]);
      expect(sizeOf(await makeSegment(client, 'a red fox'))).toEqual(tallSize);
      const [assigned] = client.frames('gpu_assigned');
      resume = { session_id: assigned?.session_id, resume_token: assigned?.resume_token };
    }
    await idle(server);
    const rules = new StreamRules({ nextIdx: 1, durationMs: 500 });
    await using client = await ContractClient.open(server.url, { resume }, { rules });
    expect(client.frames('ltx2_stream_start')).toMatchObject([tallSize]);
    expect(sizeOf(await makeSegment(client, 'a red fox'))).toEqual(tallSize);
  });

  it.each([
    [{ aspect_ratio: '4:3', resolution: '4k' }, /does not offer the resolution 4k; choose 480p/],
    [{ aspect_ratio: '21:9' }, /does not offer the aspect ratio 21:9; choose 4:3 or 9:16/],
  ])('is refused where it is not offered: %o', async (shape, message) => {
    await using client = await ContractClient.connect(server.url);
    client.send({ type: 'session_init_v2', ...shape });
    expect(await client.until('error')).toMatchObject({
      code: 'invalid_message',
      message: expect.stringMatching(message),
    });
  });
});
