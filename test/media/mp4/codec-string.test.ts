import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { codecStrings, mimeType } from '../../../src/core/media/mp4/codec-string.ts';

const execute = promisify(execFile);

/** The start of a fragmented MP4 of a short test picture (and tone), written by ffmpeg. */
async function written(...args: string[]): Promise<Buffer> {
  const { stdout } = await execute(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=24:d=0.2'],
      ...['-f', 'lavfi', '-i', 'sine=r=48000:d=0.2', ...args],
      ...['-f', 'mp4', '-movflags', 'empty_moov+default_base_moof', 'pipe:1'],
    ],
    { encoding: 'buffer', maxBuffer: 1024 * 1024 },
  );
  return stdout;
}

describe('codecStrings', () => {
  it.each([
    ['baseline', '42c00a'],
    ['main', '4d400a'],
    ['high', '64000a'],
  ])('reads H.264 %s from avcC', async (profile, expected) => {
    const file = await written(
      '-map',
      '0:v',
      '-c:v',
      'libx264',
      '-profile:v',
      profile,
      '-pix_fmt',
      'yuv420p',
    );
    expect(codecStrings(file)).toEqual([`avc1.${expected}`]);
  });

  it('reads HEVC from hvcC', async () => {
    const x265 = ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p'];
    const file = await written('-map', '0:v', ...x265, '-tag:v', 'hvc1');
    expect(codecStrings(file)[0]).toMatch(/^hvc1\.1\.6\.L30(\.[0-9a-f]+)*$/);
  });

  it('lists both tracks in their order', async () => {
    const file = await written(
      '-map',
      '0:v',
      '-map',
      '1:a',
      '-c:v',
      'libx264',
      '-pix_fmt',
      'yuv420p',
      '-c:a',
      'aac',
    );
    expect(mimeType(file)).toMatch(/^video\/mp4; codecs="avc1\.[0-9a-f]{6}, mp4a\.40\.2"$/);
  });

  it('names a codec that it has no string for', async () => {
    const file = await written('-map', '0:v', '-c:v', 'mpeg4');
    expect(() => codecStrings(file)).toThrow("the codec 'mp4v'");
  });
});
