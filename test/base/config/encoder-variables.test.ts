import { describe, expect, it } from 'vitest';
import { encoderMessage } from '../../../src/commands/server/encoder-message.ts';
import { loadServeConfig } from '../../../src/core/base/config/load-serve-config.ts';
import { parseOverrides } from '../../../src/core/base/config/overrides.ts';
import { problemsOf } from './load-from.ts';

const loaded = (env: Record<string, string>, ...args: string[]) =>
  loadServeConfig({ command: 'serve', cwd: '/', env: { HOME: '/', ...env }, ...parseOverrides(args) });
const encoder = async (env: Record<string, string>, ...args: string[]) =>
  (await loaded(env, ...args)).config.streaming.encoder;

describe("FastVideo's variables of the encoder", () => {
  it('hold where nothing else says it, and are named as the origin', async () => {
    const { config, origins } = await loaded({ FASTVIDEO_VIDEO_CODEC: 'h264_nvenc' });
    expect(config.streaming.encoder.codec).toBe('h264_nvenc');
    expect(origins.get('streaming.encoder.codec')).toBe('FASTVIDEO_VIDEO_CODEC');
    expect(
      await encoder({ FASTVIDEO_VIDEO_CODEC: 'h264_nvenc' }, '--streaming.encoder.codec', 'libx264'),
    ).toMatchObject({ codec: 'libx264' });
  });

  it('say nothing where they are empty', async () => {
    expect(await encoder({ FASTVIDEO_VIDEO_CODEC: '', FASTVIDEO_X264_PRESET: '' })).toMatchObject({
      codec: 'libx264',
    });
  });

  it('go with their kind of codec', async () => {
    const env = {
      FASTVIDEO_X264_PRESET: 'fast',
      FASTVIDEO_NVENC_PRESET: 'p3',
      FASTVIDEO_NVENC_TUNE: 'll',
      FASTVIDEO_NVENC_QP: '20',
      FASTVIDEO_OUTPUT_PIX_FMT: 'yuv444p',
    };
    const x264 = await encoder(env);
    expect(x264).toMatchObject({ preset: 'fast', pixel_format: 'yuv444p' });
    expect(x264.crf).toBeUndefined();
    expect(await encoder({ ...env, FASTVIDEO_VIDEO_CODEC: 'h264_nvenc' })).toMatchObject({
      preset: 'p3',
      tune: 'll',
      crf: 20,
    });
    const qsv = await encoder({ ...env, FASTVIDEO_VIDEO_CODEC: 'h264_qsv' });
    expect(qsv.preset).toBeUndefined();
    // A rate that the operator sets has no quality beside it.
    const rate = ['--streaming.encoder.bitrate', '900000', '--streaming.encoder.codec', 'h264_nvenc'];
    expect((await encoder(env, ...rate)).crf).toBeUndefined();
  });

  it('are named where they hold nothing valid', async () => {
    expect(await problemsOf(loaded({ FASTVIDEO_VIDEO_CODEC: 'x 264' }))).toEqual([
      `FASTVIDEO_VIDEO_CODEC: must be FFmpeg's name of a video encoder, e.g. libx264 or h264_nvenc, not "x 264"`,
    ]);
    expect(
      await problemsOf(loaded({ FASTVIDEO_VIDEO_CODEC: 'h264_nvenc', FASTVIDEO_NVENC_QP: 'many' })),
    ).toHaveLength(1);
  });
});

describe('the block streaming.encoder', () => {
  it('has older names and units that still hold', async () => {
    const { config } = await loaded(
      {},
      ...['--streaming.encoder.fragment_duration_ms', '250', '--streaming.encoder.gop', '12'],
    );
    expect(encoderMessage(config)).toMatchObject({ fragment_duration_ms: 250, gop: 12 });
    const { config: newer } = await loaded({}, '--streaming.encoder.fragment_ms', '50');
    expect(encoderMessage(newer)).toMatchObject({ fragment_duration_ms: 50 });
    expect(encoderMessage((await loaded({})).config)).toMatchObject({ fragment_duration_ms: 100 });
  });

  it('hands on all of it', async () => {
    const wishes = {
      codec: 'libx265',
      preset: 'fast',
      tune: 'none',
      profile: 'main',
      gop_seconds: 2,
      crf: 20,
    };
    const args = Object.entries(wishes).flatMap(([key, value]) => [
      `--streaming.encoder.${key}`,
      String(value),
    ]);
    expect(encoderMessage((await loaded({}, ...args)).config)).toMatchObject(wishes);
  });

  it.each([
    ['gop', '12', 'gop_seconds', '1'],
    ['fragment_duration_ms', '100', 'fragment_ms', '100'],
    ['crf', '20', 'bitrate', '900000'],
  ])('refuses %s %s beside %s %s', async (key, value, other, otherValue) => {
    const args = [`--streaming.encoder.${key}`, value, `--streaming.encoder.${other}`, otherValue];
    const [problem] = await problemsOf(loaded({}, ...args));
    expect(problem).toContain(`must not be set together with ${other}`);
  });
});
