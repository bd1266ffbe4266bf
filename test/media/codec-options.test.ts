import { describe, expect, it } from 'vitest';
import { codecOptions } from '../../src/core/media/codec-options.ts';
import { planEncode } from '../../src/core/media/encode-plan.ts';
import { videoArguments } from '../../src/core/media/ffmpeg/arguments.ts';
import { optionsOf } from '../../src/core/media/libav/options-of.ts';

const gop = 24;
const asArguments = (wishes: object) =>
  codecOptions({ codec: 'libx264', gop, ...wishes })
    .map(([name, value]) => `-${name} ${value}`)
    .join(' ');

describe('codecOptions', () => {
  it.each([
    [{}, '-preset ultrafast -tune zerolatency -g 24 -bf 0'],
    [{ tune: 'none', crf: 20.5 }, '-preset ultrafast -crf 20.5 -g 24 -bf 0'],
    [
      { preset: 'fast', tune: 'film,zerolatency', profile: 'main', bitrate: 900_000 },
      '-preset fast -tune film,zerolatency -profile main -b 900000 -maxrate 900000 -bufsize 900000 -g 24 -bf 0',
    ],
    [{ codec: 'h264_nvenc' }, '-preset p1 -tune ull -rc constqp -qp 28 -zerolatency 1 -delay 0 -g 24 -bf 0'],
    [
      { codec: 'h264_nvenc', preset: 'p4', tune: 'll', profile: 'high', crf: 20 },
      '-preset p4 -tune ll -profile high -rc constqp -qp 20 -zerolatency 1 -delay 0 -g 24 -bf 0',
    ],
    [
      { codec: 'hevc_nvenc', bitrate: 2_000_000 },
      '-preset p1 -tune ull -rc cbr -b 2000000 -maxrate 2000000 -bufsize 2000000 -zerolatency 1 -delay 0 -g 24 -bf 0',
    ],
    [{ codec: 'h264_qsv' }, '-preset veryfast -global_quality 25 -async_depth 1 -g 24 -bf 0'],
    [
      { codec: 'h264_qsv', preset: 'slow', bitrate: 1000 },
      '-preset slow -b 1000 -maxrate 1000 -bufsize 1000 -async_depth 1 -g 24 -bf 0',
    ],
    [{ codec: 'h264_vaapi', crf: 22, profile: 'main' }, '-profile main -rc_mode CQP -qp 22 -g 24 -bf 0'],
    [{ codec: 'libopenh264', bitrate: 5000 }, '-b 5000 -g 24 -bf 0'],
  ])('of %j', (wishes, expected) => {
    expect(asArguments(wishes)).toBe(expected);
  });

  it.each([
    [
      { preset: 'p1' },
      "The preset 'p1' is not known to the codec 'libx264': use one of ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow, placebo.",
    ],
    [
      { codec: 'h264_nvenc', preset: 'ultrafast' },
      "The preset 'ultrafast' is not known to the codec 'h264_nvenc': use one of p1, p2, p3, p4, p5, p6, p7.",
    ],
    [{ tune: 'film,ull' }, "The tune 'ull' is not known to the codec 'libx264'"],
    [{ codec: 'h264_qsv', tune: 'ull' }, "The codec 'h264_qsv' has no tune: remove it (it is 'ull')."],
    [{ codec: 'h264_vaapi', preset: 'fast' }, "The codec 'h264_vaapi' has no preset"],
    [
      { codec: 'h264_nvenc', profile: 'high10' },
      "The profile 'high10' is not known to the codec 'h264_nvenc'",
    ],
    [{ crf: 20, bitrate: 5000 }, 'crf 20 and bitrate 5000 exclude each other'],
    [{ crf: 52 }, 'The crf 52 is not valid: it must be from 0 (best) to 51.'],
    [
      { codec: 'h264_nvenc', crf: 20.5 },
      "The crf 20.5 is not valid: the codec 'h264_nvenc' takes whole numbers.",
    ],
    [{ codec: 'libopenh264', crf: 20 }, "The codec 'libopenh264' has no crf"],
    [{ bitrate: 10.5 }, 'The bitrate 10.5 is not valid'],
  ])('refuses %j', (wishes, message) => {
    expect(() => asArguments(wishes)).toThrow(message);
  });
});

describe('videoArguments', () => {
  const picture = { width: 64, height: 48, fps: 24 };

  it('brings the pictures to the GPU for VAAPI, and no other codec', () => {
    const of = (codec: string) => videoArguments(planEncode({ ...picture, codec })).join(' ');
    expect(of('h264_vaapi')).toContain('-vaapi_device /dev/dri/renderD128 -vf format=nv12,hwupload');
    expect(of('h264_vaapi')).not.toContain('-pix_fmt nv12');
    expect(of('h264_qsv')).toContain('-pix_fmt nv12');
    expect(of('h264_qsv')).not.toContain('hwupload');
  });

  it('lets the further arguments win', () => {
    const args = videoArguments(planEncode({ ...picture, extraArgs: ['-preset', 'slow'] }));
    expect(args.indexOf('-preset')).toBeGreaterThan(args.indexOf('-preset:v'));
  });
});

describe('optionsOf', () => {
  it('reads pairs, whatever stream they name', () => {
    expect(optionsOf(['-crf', '20', '-profile:v', 'main', '-x264-params:v:0', 'ref=2'])).toEqual([
      ['crf', '20'],
      ['profile', 'main'],
      ['x264-params', 'ref=2'],
    ]);
  });

  it.each([
    [['crf', '20'], "'crf' is not an option"],
    [['-crf'], "'-crf' has no value"],
    [['-b:a', '64k'], "'-b:a' is not an option"],
  ])('refuses %j', (args, message) => {
    expect(() => optionsOf(args)).toThrow(message);
  });
});
