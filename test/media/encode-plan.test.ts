import { describe, expect, it } from 'vitest';
import { planEncode } from '../../src/core/media/encode-plan.ts';

const picture = { width: 64, height: 48, fps: 24 };

describe('planEncode', () => {
  it('fills in the defaults', () => {
    expect(planEncode({ ...picture, fps: 23.976 })).toMatchObject({
      frameBytes: 9216,
      preset: 'ultrafast',
      pixelFormat: 'yuv420p',
      profile: undefined,
      gop: 24,
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
    [{ audio: { sampleRate: 47_999, channels: 1 as const } }, 'AAC does not know a sample rate of 47999 Hz'],
  ])('refuses %j', (change, message) => {
    expect(() => planEncode({ ...picture, ...change })).toThrow(message);
  });

  it('takes odd sizes where the pixel format does', () => {
    expect(planEncode({ ...picture, width: 63, height: 47, pixelFormat: 'yuv444p' }).width).toBe(63);
    expect(planEncode({ ...picture, height: 47, pixelFormat: 'yuv422p' }).height).toBe(47);
  });

  it('leaves the presets of another encoder to that encoder', () => {
    const options = { ...picture, preset: 'p4', extraArgs: ['-c:v', 'h264_nvenc'] };
    expect(planEncode(options).preset).toBe('p4');
  });
});
