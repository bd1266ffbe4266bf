import { describe, expect, it } from 'vitest';
import { planEncode } from '../../src/core/media/encode-plan.ts';

const picture = { width: 64, height: 48, fps: 24 };

describe('planEncode', () => {
  it('fills in the defaults', () => {
    expect(planEncode({ ...picture, fps: 23.976 })).toMatchObject({
      frameBytes: 9216,
      codec: 'libx264',
      codecOptions: [
        ['preset', 'ultrafast'],
        ['tune', 'zerolatency'],
        ['g', '24'],
        ['bf', '0'],
      ],
      pixelFormat: 'yuv420p',
      fragmentDurationMs: 100,
      extraArgs: [],
      audio: undefined,
    });
  });

  it.each([
    [{ width: 63, pixelFormat: 'yuv422p' }, 'an even width, e.g. 64x48'],
    [{ height: 47, pixelFormat: 'nv12' }, 'an even width and height'],
    [{ width: 0 }, 'The width 0 is not valid'],
    [{ height: 1.5 }, 'The height 1.5 is not valid'],
    [{ fragmentDurationMs: 0 }, 'The fragment duration 0 is not valid'],
    [
      { audio: { sampleRate: 47_999, channels: 1 as const } },
      'AAC does not support a sample rate of 47999 Hz',
    ],
  ])('refuses %j', (change, message) => {
    expect(() => planEncode({ ...picture, ...change })).toThrow(message);
  });

  it('takes odd sizes where the pixel format does', () => {
    expect(planEncode({ ...picture, width: 63, height: 47, pixelFormat: 'yuv444p' }).width).toBe(63);
    expect(planEncode({ ...picture, height: 47, pixelFormat: 'yuv422p' }).height).toBe(47);
  });

  it('takes the codec from the further arguments where they name one', () => {
    const extraArgs = ['-c:v', 'h264_nvenc', '-gpu', '1'];
    expect(planEncode({ ...picture, preset: 'p4', extraArgs })).toMatchObject({
      codec: 'h264_nvenc',
      codecOptions: expect.arrayContaining([['preset', 'p4']]),
      extraArgs: ['-gpu', '1'],
    });
  });

  it.each([
    [{}, '24'],
    [{ gopSeconds: 0.5 }, '12'],
    [{ gopSeconds: 2, fps: 23.976 }, '48'],
    [{ gopSeconds: 0.001 }, '1'],
    [{ gop: 7 }, '7'],
  ])('makes a key frame as often as %j says', (change, gop) => {
    expect(planEncode({ ...picture, ...change }).codecOptions).toContainEqual(['g', gop]);
  });

  it('gives Quick Sync and VAAPI 4:2:0 as NV12, which is what they know', () => {
    expect(planEncode({ ...picture, codec: 'h264_qsv' }).pixelFormat).toBe('nv12');
    expect(planEncode({ ...picture, codec: 'h264_vaapi' }).pixelFormat).toBe('nv12');
    expect(planEncode({ ...picture, codec: 'h264_nvenc' }).pixelFormat).toBe('yuv420p');
  });
});
