import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';

it('keeps 24000/1001 frames a second exact over an hour', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-encode-hour-'));
  try {
    const path = join(directory, 'hour.mp4');
    const bin = join(repositoryRoot, 'bin/fastvideo.js');
    const frameCount = Math.ceil((3600 * 24_000) / 1001);
    const args = [
      bin,
      'encode',
      '--size',
      '16x16',
      '--fps',
      '23.976',
      '--fragment-duration',
      '60000',
      '-o',
      path,
    ];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'inherit', 'inherit'] });
    const exited = once(child, 'exit');
    const second = Buffer.alloc(16 * 16 * 3 * 24, 0x80);
    function* frames() {
      for (let left = frameCount; left > 0; left -= 24)
        yield second.subarray(0, Math.min(left, 24) * 16 * 16 * 3);
    }
    await pipeline(Readable.from(frames()), child.stdin);
    expect((await exited)[0]).toBe(0);
    const entries = 'stream=r_frame_rate,avg_frame_rate,nb_read_packets:packet=pts,duration';
    const probe = ['-v', 'error', '-count_packets', '-show_entries', entries, '-of', 'csv', path];
    const { stdout } = spawnSync('ffprobe', probe, { encoding: 'utf8', maxBuffer: 2 ** 26 });
    const lines = stdout.trim().split('\n');
    expect(lines.find((line) => line.startsWith('stream'))).toBe(
      `stream,24000/1001,24000/1001,${frameCount}`,
    );
    const packets = lines.filter((line) => line.startsWith('packet'));
    expect(packets.at(-1)).toBe(`packet,${(frameCount - 1) * 1001},1001`);
    // No frame is early or late anywhere between.
    expect(packets.findIndex((line, index) => line !== `packet,${index * 1001},1001`)).toBe(-1);
  } finally {
    await rm(directory, { recursive: true });
  }
});
