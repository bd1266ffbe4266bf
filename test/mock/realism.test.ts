import { describe, expect, it } from 'vitest';
import { ContractClient } from '../contract/client.ts';
import { readyServer } from '../contract/servers.ts';

describe('`fastvideo mock` without a word of config', () => {
  it('makes segments of five seconds with sound, at the size of the product', async () => {
    await using server = await readyServer('mock', []);
    await using client = await ContractClient.open(server.url);
    expect(client.frames('ltx2_stream_start')[0]).toMatchObject({
      ...{ width: 640, height: 352, fps: 24, num_frames: 120 },
    });
    client.prompt('a fox');
    expect((await client.until('media_init'))['mime']).toMatch(/avc1\.[0-9a-f]{6}, mp4a\.40\.2/);
    expect(await client.until('media_segment_complete')).toMatchObject({ duration_ms: 5000 });
    expect(await client.until('ltx2_segment_complete')).toMatchObject({ frames: 120 });
  });
});
