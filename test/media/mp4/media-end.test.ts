import { afterAll, describe, expect, it } from 'vitest';
import type { EncoderInput } from '../../../src/core/media/encoder.ts';
import { createFfmpegEncoder } from '../../../src/core/media/ffmpeg/ffmpeg-encoder.ts';
import { mediaEnd } from '../../../src/core/media/mp4/media-end.ts';
import { encodeSegment, inputOf, patternFrame, toneSamples } from '../material.ts';
import { box } from './boxes.ts';

const uint32 = (...values: number[]) =>
  values.flatMap((value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
const container = (type: string, ...children: Buffer[]) => box(type, Buffer.concat(children));
const mdat = box('mdat', [1, 2, 3]);
const tfhd = (track: number) => box('tfhd', uint32(0x020000, track));
const tfhdWithDuration = (track: number, duration: number) => box('tfhd', uint32(0x020008, track, duration));
const tfdt = (time: number) => box('tfdt', uint32(0, time));
const trun = (...durations: number[]) => box('trun', uint32(0x000100, durations.length, ...durations));
const trunOf = (samples: number) => box('trun', uint32(0, samples));
const moof = (...trafs: Buffer[]) => container('moof', box('mfhd', uint32(0, 1)), ...trafs);

describe('the end of a media chunk', () => {
  const encoder = createFfmpegEncoder();
  afterAll(() => encoder.close());

  it.each([
    { sampleRate: 48_000, channels: 1 },
    { sampleRate: 44_100, channels: 2 },
  ] as const)(
    'is what the encoder says of each of its chunks, with sound of $sampleRate Hz',
    async (audio) => {
      const items = Array.from({ length: 24 }, (_, index): EncoderInput[] => {
        const samples = audio.sampleRate / 24;
        return [
          { type: 'frame', data: patternFrame(64, 48, index) },
          {
            type: 'audio',
            samples: toneSamples(
              Math.round(index * samples),
              Math.round((index + 1) * samples),
              audio.sampleRate,
              audio.channels,
            ),
          },
        ];
      });
      const options = { width: 64, height: 48, fps: 24, audio };
      const { media, init } = await encodeSegment(encoder, inputOf(items.flat()), options);
      let sound = 0;
      for (const { data, frames, timeline } of media) {
        const end = mediaEnd(data);
        expect(end?.frames).toBe(frames);
        sound = end?.audioEnd ?? sound;
        expect(sound).toBe(timeline.audio?.nextSample);
      }
      expect(sound).toBeGreaterThan(0);
      expect(mediaEnd(init)).toBeUndefined();
    },
  );

  it('counts both tracks of one fragment, and all runs of a track', () => {
    const video = container('traf', tfhd(1), tfdt(5000), trun(1000), trun(1000, 1000));
    const audio = container('traf', tfhdWithDuration(2, 1024), tfdt(2048), trunOf(2), trunOf(1));
    const data = Buffer.concat([moof(video, audio), mdat, moof(video), mdat]);
    expect(mediaEnd(data)).toEqual({ frames: 6, audioEnd: 2048 + 3 * 1024 });
  });

  it('reads bytes that lie within others', () => {
    const data = Buffer.concat([moof(container('traf', tfhd(1), tfdt(0), trun(1000))), mdat]);
    const within = Buffer.concat([Buffer.from('abc'), data]).subarray(3);
    expect(mediaEnd(within)).toEqual({ frames: 1 });
  });

  it('is undefined for what is no whole fragment', () => {
    const good = Buffer.concat([moof(container('traf', tfhd(2), tfdt(0), trun(1024))), mdat]);
    expect(mediaEnd(good)).toEqual({ frames: 0, audioEnd: 1024 });
    for (let length = 0; length < good.length; length += 1) {
      expect(mediaEnd(good.subarray(0, length))).toBeUndefined();
    }
    const soundWithoutDuration = moof(container('traf', tfhd(2), tfdt(0), trunOf(1)));
    expect(mediaEnd(Buffer.concat([soundWithoutDuration, mdat]))).toBeUndefined();
    expect(mediaEnd(Buffer.concat([mdat, good]))).toBeUndefined();
    expect(mediaEnd(Buffer.from('\xff\xd8\xff\xe0 a JPEG file', 'latin1'))).toBeUndefined();
  });

  it('throws at nothing, whichever byte is wrong', () => {
    const traf = container('traf', tfhdWithDuration(2, 1024), tfdt(0), trun(1024));
    const good = Buffer.concat([moof(traf), mdat]);
    for (let at = 0; at < good.length; at += 1) {
      for (const value of [0, 1, 127, 255]) {
        const bad = Buffer.from(good);
        bad[at] = value;
        expect(() => mediaEnd(bad)).not.toThrow();
      }
    }
  });
});
