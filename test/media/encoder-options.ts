import { afterAll, describe, expect, it } from 'vitest';
import type { Encoder, EncoderSettings } from '../../src/core/media/encoder.ts';
import { concatenate, encodeSegment, frames, probe, type Segment } from './material.ts';

const picture = { width: 128, height: 96, fps: 24 };
const frameCount = 48;

/** What every option does, read back from what was encoded: the same over each backend. */
export function describeEncoderOptions(name: string, create: () => Encoder): void {
  describe(`the options of ${name}`, () => {
    const encoder = create();
    afterAll(() => encoder.close());

    const encoded = (settings: EncoderSettings): Promise<Segment> =>
      encodeSegment(encoder, frames(picture.width, picture.height, frameCount), {
        ...picture,
        ...settings,
        final: true,
      });
    const probed = async (settings: EncoderSettings) => probe(concatenate([await encoded(settings)]));
    const bytes = async (settings: EncoderSettings) =>
      (await probed(settings)).video.reduce((sum, { size }) => sum + Number(size), 0);
    const keyFrames = async (settings: EncoderSettings) =>
      (await probed(settings)).video.flatMap(({ flags }, index) => (flags.startsWith('K') ? [index] : []));

    it('codec: libx264 makes H.264, libx265 HEVC', async () => {
      expect((await probed({})).streams[0]?.codec_name).toBe('h264');
      expect((await probed({ codec: 'libx265' })).streams[0]?.codec_name).toBe('hevc');
    });

    it('profile', async () => {
      expect((await probed({})).streams[0]?.profile).toBe('Constrained Baseline');
      expect((await probed({ profile: 'baseline', preset: 'fast' })).streams[0]?.profile).toBe(
        'Constrained Baseline',
      );
      expect((await probed({ profile: 'main', preset: 'fast' })).streams[0]?.profile).toBe('Main');
      expect((await probed({ profile: 'high', preset: 'fast' })).streams[0]?.profile).toBe('High');
    });

    it('pixel_format', async () => {
      expect((await probed({})).streams[0]?.pix_fmt).toBe('yuv420p');
      expect((await probed({ pixelFormat: 'yuv444p' })).streams[0]?.pix_fmt).toBe('yuv444p');
    });

    it('gop_seconds and gop', async () => {
      expect(await keyFrames({})).toEqual([0, 24]);
      expect(await keyFrames({ gopSeconds: 0.5 })).toEqual([0, 12, 24, 36]);
      expect(await keyFrames({ gop: 20 })).toEqual([0, 20, 40]);
    });

    it('fragment_ms', async () => {
      const chunks = async (fragmentDurationMs: number) => {
        const { media } = await encoded({ fragmentDurationMs });
        return media.map((chunk) => chunk.frames);
      };
      // The first picture leaves at once.
      expect((await chunks(500)).slice(0, 4)).toEqual([1, 12, 12, 12]);
      expect((await chunks(1000)).slice(0, 2)).toEqual([1, 24]);
    });

    it('preset', async () => {
      const [ultrafast, medium] = [await bytes({}), await bytes({ preset: 'medium' })];
      expect(medium).toBeLessThan(ultrafast);
    });

    it('tune: none and others change what comes out, and no picture is lost or moved', async () => {
      const [usual, still] = [await probed({}), await probed({ preset: 'fast', tune: 'film' })];
      expect(still.video.map(({ pts }) => pts)).toEqual(usual.video.map(({ pts }) => pts));
      expect(still.video.every(({ pts, dts }) => pts === dts)).toBe(true);
      const tuned = { preset: 'fast', crf: 20 };
      expect(await bytes({ ...tuned, tune: 'grain' })).not.toBe(await bytes({ ...tuned, tune: 'none' }));
    });

    it('crf', async () => {
      const [fine, coarse] = [await bytes({ crf: 10 }), await bytes({ crf: 40 })];
      expect(coarse).toBeLessThan(fine / 2);
    });

    it('bitrate', async () => {
      // Two seconds.
      for (const bitrate of [60_000, 200_000]) {
        const bits = (await bytes({ bitrate, preset: 'veryfast' })) * 8;
        expect(bits / 2).toBeGreaterThan(bitrate * 0.5);
        expect(bits / 2).toBeLessThan(bitrate * 1.5);
      }
    });

    it('extra_args, which win', async () => {
      const fine = await bytes({ crf: 40, extraArgs: ['-crf', '10'] });
      expect(fine).toBe(await bytes({ crf: 10 }));
      expect(await keyFrames({ extraArgs: ['-g:v', '16'] })).toEqual([0, 16, 32]);
    });

    it('fails where it does not know an option', async () => {
      await expect(encoded({ extraArgs: ['-no-such-option', '1'] })).rejects.toMatchObject({
        code: 'encoder_failed',
      });
      await expect(encoded({ codec: 'no_such_codec' })).rejects.toThrow('no_such_codec');
    });
  });
}
