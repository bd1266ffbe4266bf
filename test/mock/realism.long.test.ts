import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContractClient } from '../contract/client.ts';
import { readyServer } from '../contract/servers.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

/**
 * What a session with these prompts sends: the time and the hash of each coded picture and each packet of sound. Not the
 * bytes between them: whether a packet of sound leaves with one fragment or with the next is a matter of microseconds.
 */
async function film(url: string, seed: number, prompts: readonly string[]): Promise<string> {
  await using client = await ContractClient.open(url);
  for (const prompt of prompts) {
    client.prompt(prompt, { seed });
    await client.until('ltx2_segment_complete');
  }
  const inits = new Set<number>();
  for (const [index, one] of client.received.entries()) {
    if (one.kind === 'frame' && one.frame.type === 'media_init') inits.add(index + 1);
  }
  // The first init segment and all media segments are one MP4.
  const [first] = inits;
  const media = client.received.flatMap((one, index) =>
    one.kind === 'binary' && (index === first || !inits.has(index)) ? [one.data] : [],
  );
  const { stdout, stderr } = spawnSync(
    'ffprobe',
    [
      ...['-v', 'error', '-show_data_hash', 'sha256', '-of', 'csv=p=0', '-i', 'pipe:0'],
      ...['-show_entries', 'packet=codec_type,pts,data_hash'],
    ],
    { input: Buffer.concat(media), encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  expect(stderr).toBe('');
  const packets = stdout.split('\n').filter((line) => line !== '');
  expect(packets.length).toBeGreaterThan(240 * 2);
  return packets.sort().join('\n');
}

describe('`fastvideo mock` without a word of config', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await readyServer('mock', []);
  });
  afterAll(() => server.stop());

  it('makes the same pictures and sound to the last bit of the same seed and prompts, in another process too', async () => {
    const prompts = ['a fox', 'a dog'];
    const bytes = await film(server.url, 7, prompts);
    expect(await film(server.url, 7, prompts)).toBe(bytes);
    await using other = await startServer({ command: 'mock' });
    expect(await film(other.url, 7, prompts)).toBe(bytes);
    expect(await film(server.url, 8, prompts)).not.toBe(bytes);
    expect(await film(server.url, 7, [...prompts].reverse())).not.toBe(bytes);
  });
});
