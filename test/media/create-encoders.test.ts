import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEncoders, type EncodersOptions } from '../../src/core/media/create-encoders.ts';

/** What they say of themselves, or why there are none. */
async function described(options: EncodersOptions): Promise<string> {
  const { fragments, jpegs, description } = await createEncoders(options);
  await fragments.close();
  await jpegs.close();
  return description;
}

describe('createEncoders', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each<[EncodersOptions, string]>([
    [{}, 'libav, libx264 (node-av is installed)'],
    [{ backend: 'libav' }, 'libav, libx264'],
    [{ backend: 'ffmpeg' }, 'ffmpeg, libx264'],
    [{ ffmpegPath: 'ffmpeg' }, 'ffmpeg, libx264 (its path is set)'],
    [{ settings: { extraArgs: ['-vf', 'hflip'] } }, 'ffmpeg, libx264 (there are extra arguments)'],
    [{ backend: 'libav', settings: { extraArgs: ['-refs', '2'] } }, 'libav, libx264'],
    [{ settings: { codec: 'libx265' } }, 'libav, libx265 (node-av is installed)'],
    [{ settings: { extraArgs: ['-c:v', 'libx265'] } }, 'libav, libx265 (node-av is installed)'],
  ])('with %j says what encodes and why', async (options, expected) => {
    expect(await described(options)).toBe(expected);
  });

  it('names the options that may be wrong where only an ffmpeg knows', async () => {
    const settings = { profile: 'baseline', pixelFormat: 'yuv444p', extraArgs: ['-no_such_option', '1'] };
    await expect(described({ backend: 'ffmpeg', settings })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(
        /Correct streaming\.encoder\.pixel_format \(yuv444p\) or streaming\.encoder\.profile \(baseline\) or streaming\.encoder\.extra_args \(-no_such_option 1\)\.$/,
      ),
    });
  });

  it('takes the ffmpeg that the variable names', async () => {
    vi.stubEnv('FASTVIDEO_FFMPEG_BIN', 'ffmpeg');
    expect(await described({})).toBe('ffmpeg, libx264 (FASTVIDEO_FFMPEG_BIN is set)');
  });

  it('tries both where neither is asked for, and says why neither works', async () => {
    const options = { settings: { codec: 'no_such_codec' } };
    await expect(described(options)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(
        /^The encoder no_such_codec does not work here: libav has no encoder 'no_such_codec'\. ffmpeg .*no_such_codec.* Set streaming\.encoder\.codec to libx264, or FASTVIDEO_VIDEO_CODEC if that is where it comes from\.$/,
      ),
    });
  });

  // No machine that runs these tests is taken to have the hardware of all three.
  const hardware = ['h264_nvenc', 'h264_qsv', 'h264_vaapi'];
  it('tries a hardware encoder with three frames, and says why it does not work and what to set', async () => {
    const attempts = hardware.flatMap((codec) =>
      (['auto', 'ffmpeg'] as const).map((backend) => described({ backend, settings: { codec } })),
    );
    const failures = (await Promise.allSettled(attempts)).filter((result) => result.status === 'rejected');
    expect(failures.length).toBeGreaterThan(0);
    for (const { reason } of failures) {
      expect(reason).toMatchObject({ code: 'config_invalid' });
      expect(reason.message).toMatch(
        /^The encoder h264_\w+ does not work here: .*Set streaming\.encoder\.codec/,
      );
      expect(reason.message).not.toContain('\n');
    }
  });

  it.each<[EncodersOptions, string]>([
    [
      { backend: 'libav', settings: { codec: 'h264_vaapi' } },
      'The encoder libav cannot be used (it cannot run h264_vaapi): set streaming.encoder.backend to ffmpeg.',
    ],
    [
      { backend: 'libav', settings: { extraArgs: ['-vf', 'hflip'] } },
      'The encoder libx264 does not work here: libav could not set vf to hflip: Option not found. Correct streaming.encoder.extra_args (-vf hflip).',
    ],
    [
      { backend: 'libav', settings: { pixelFormat: 'yuv421p' } },
      'The encoder libx264 does not work here: libav has no pixel format "yuv421p"; use yuv420p, or another one that "ffmpeg -pix_fmts" lists. Correct streaming.encoder.pixel_format (yuv421p).',
    ],
    [
      { settings: { preset: 'p1' } },
      "streaming.encoder: The preset 'p1' is not known to the codec 'libx264': use one of ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow, placebo.",
    ],
  ])('refuses %j', async (options, message) => {
    await expect(described(options)).rejects.toMatchObject({ code: 'config_invalid', message });
  });
});
