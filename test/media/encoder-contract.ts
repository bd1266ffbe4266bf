import { afterAll, describe, expect, it } from 'vitest';
import type { EncodeOptions, Encoder, EncoderInput } from '../../src/core/media/encoder.ts';
import { iterateBoxes } from '../../src/core/media/mp4/box.ts';
import { readMfhd, readTfdt, readTfhd } from '../../src/core/media/mp4/fragment.ts';
import type { Timeline } from '../../src/core/media/timeline.ts';
import {
  concatenate,
  decodePictures,
  decodeSound,
  encodeChain,
  encodeSegment,
  frames,
  inputOf,
  patternFrame,
  probe,
  toneSamples,
  untilStill,
  watch,
} from './material.ts';

import {
  expectTone,
  height,
  itGoesOnBehind,
  itSoundsThrough,
  picture,
  soundingFrames,
  width,
} from './sound-contract.ts';

/** What every encoder must do. */
export function describeEncoder(name: string, create: () => Encoder): void {
  describe(name, () => {
    const encoder = create();
    afterAll(() => encoder.close());

    it('gives one init segment, then whole moof and mdat pairs, then the end', async () => {
      const { outputs, init, mime, media, end } = await encodeSegment(
        encoder,
        frames(width, height, 30),
        picture,
      );
      expect(outputs.map(({ type }) => type)).toEqual(['init', ...media.map(() => 'media'), 'end']);
      expect([...iterateBoxes(init)].map(({ type }) => type)).toEqual(['ftyp', 'moov']);
      for (const { data } of media) {
        const types = [...iterateBoxes(data)].map(({ type }) => type);
        expect(types).toEqual(types.map((_, index) => (index % 2 === 0 ? 'moof' : 'mdat')));
      }
      expect(mime).toMatch(/^video\/mp4; codecs="avc1\.42c0[0-9a-f]{2}"$/);
      expect(media.reduce((sum, chunk) => sum + chunk.frames, 0)).toBe(30);
      expect(end).toEqual({ type: 'end', frames: 30, durationMs: 1250, timeline: { videoFrames: 30 } });
    });

    it('gives media while frames still arrive', async () => {
      let mediaBeforeLastFrame = 0;
      let seen = 0;
      async function* slow(): AsyncGenerator<EncoderInput, void, undefined> {
        yield* frames(width, height, 12);
        while (seen === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        mediaBeforeLastFrame = seen;
        yield* frames(width, height, 1, 12);
      }
      for await (const output of encoder.encode(slow(), picture)) if (output.type === 'media') seen += 1;
      expect(mediaBeforeLastFrame).toBeGreaterThan(0);
    });

    it('releases each frame when it has read it, and not before', async () => {
      const size = { width: 320, height: 240 };
      const spoilt: boolean[] = [];
      async function* spoiling(): AsyncGenerator<EncoderInput, void, undefined> {
        for (let index = 0; index < 12; index += 1) {
          const data = patternFrame(size.width, size.height, index);
          const release = (): void => {
            spoilt[index] = true;
            data.fill(255);
          };
          yield { type: 'frame', data, release };
        }
      }
      const options = { ...size, fps: 24 };
      const whole = await encodeSegment(encoder, frames(size.width, size.height, 12), options);
      const released = await encodeSegment(encoder, spoiling(), options);
      expect(spoilt).toEqual(Array.from({ length: 12 }, () => true));
      expect(Buffer.compare(concatenate([released]), concatenate([whole]))).toBe(0);
    });

    it('sends the first chunk with a single frame, and then as much as the fragment duration says', async () => {
      const options = { ...picture, fragmentDurationMs: 250 };
      const { media } = await encodeSegment(encoder, frames(width, height, 20), options);
      expect(media.map((chunk) => chunk.frames)).toEqual([1, 6, 6, 6, 1]);
    });

    it('makes one valid film of segments that follow each other', async () => {
      const chain = await encodeChain(encoder, [13, 1, 25], picture, (timeline, count) =>
        frames(width, height, count, timeline.videoFrames),
      );
      const film = concatenate(chain);
      const { video, streams, warnings } = await watch(film, { frameBytes: width * height * 3, channels: 0 });
      expect(streams[0]).toMatchObject({ codec_name: 'h264', width, height, pix_fmt: 'yuv420p' });
      expect(video.map(({ dts }) => dts)).toEqual(video.map((_, index) => index * 1000));
      expect(video).toHaveLength(39);
      expect(video[13]?.flags).toContain('K');
      expect(video[14]?.flags).toContain('K');
      expect(warnings).toBe('');
    });

    it('numbers the fragments upwards along the session, and starts each segment at its exact time', async () => {
      const audio = { sampleRate: 48_000, channels: 1 } as const;
      const options = { ...picture, audio };
      const chain = await encodeChain(encoder, [25, 24], options, (timeline, count) =>
        soundingFrames(timeline, count, options),
      );
      const numbers = chain.flatMap(({ media }) =>
        media.flatMap(({ data }) =>
          [...iterateBoxes(data)]
            .filter(({ type }) => type === 'moof')
            .map(({ start, end }) => readMfhd(data.subarray(start, end))),
        ),
      );
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      expect(new Set(numbers).size).toBe(numbers.length);
      const firstOfSecond = chain[1]?.media[0]?.data ?? new Uint8Array(0);
      const times = [...iterateBoxes(firstOfSecond)]
        .filter(({ type }) => type === 'moof')
        .map(({ start, end }) => firstOfSecond.subarray(start, end))
        .filter((moof) => readTfhd(moof) === 1)
        .map((moof) => readTfdt(moof));
      expect(times).toEqual([25 * 1000]);
    });

    it('keeps the picture exact to the frame with a fractional frame rate', async () => {
      const options = { ...picture, fps: { num: 30_000, den: 1001 } };
      const chain = await encodeChain(encoder, [7, 9], options, (timeline, count) =>
        frames(width, height, count, timeline.videoFrames),
      );
      const { video, streams } = await probe(concatenate(chain));
      expect(streams[0]?.time_base).toBe('1/30000');
      expect(video.map(({ dts }) => dts)).toEqual(video.map((_, index) => index * 1001));
    });

    it('shows the colours that came in', async () => {
      const colours = [
        [220, 30, 40],
        [20, 180, 60],
        [30, 60, 200],
        [240, 240, 240],
      ];
      const flat = colours.map((colour) =>
        Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => colour[at % 3] ?? 0),
      );
      const input = inputOf(flat.map((data) => ({ type: 'frame', data })));
      const { init, media } = await encodeSegment(encoder, input, { width: 64, height: 64, fps: 24 });
      const film = Buffer.concat([init, ...media.map(({ data }) => data)]);
      const decoded = await decodePictures(film, 64 * 64 * 3);
      expect(decoded).toHaveLength(colours.length);
      for (const [index, colour] of colours.entries()) {
        const middle = [
          ...(decoded[index] ?? new Uint8Array(0)).subarray((32 * 64 + 32) * 3, (32 * 64 + 32) * 3 + 3),
        ];
        for (const [channel, value] of colour.entries()) {
          expect(Math.abs((middle[channel] ?? 0) - value)).toBeLessThanOrEqual(6);
        }
      }
    });

    itSoundsThrough(encoder, { sampleRate: 24_000, channels: 2, fps: 25, counts: [3, 2, 1, 50] });

    it('lists the sound track from the start and fills it with silence when no sound comes', async () => {
      const options: EncodeOptions = { ...picture, audio: { sampleRate: 48_000, channels: 2 }, final: true };
      const { mime, init, media } = await encodeSegment(encoder, frames(width, height, 24), options);
      expect(mime).toMatch(/avc1\.[0-9a-f]{6}, mp4a\.40\.2"$/);
      const film = Buffer.concat([init, ...media.map(({ data }) => data)]);
      const { audio, sound } = await watch(film, { frameBytes: width * height * 3, channels: 2 });
      expect(audio).toHaveLength(Math.ceil(48_000 / 1024));
      const [left] = sound;
      expect(Math.max(...(left ?? [1]).map(Math.abs))).toBeLessThan(1e-4);
    });

    it('takes sound that comes before all frames, or after them, as int16 too', async () => {
      const audio = { sampleRate: 48_000, channels: 1 } as const;
      const samples = Int16Array.from(toneSamples(0, 48_000, 48_000, 1), (value) =>
        Math.round(value * 32_767),
      );
      const sound: EncoderInput = { type: 'audio', samples };
      const pictures = Array.from({ length: 24 }, (_, index) => patternFrame(width, height, index));
      const framesOnly = pictures.map((data): EncoderInput => ({ type: 'frame', data }));
      for (const items of [
        [sound, ...framesOnly],
        [...framesOnly, sound],
      ]) {
        const segment = await encodeSegment(encoder, inputOf(items), { ...picture, audio, final: true });
        const [decoded] = await decodeSound(concatenate([segment]), 1);
        expectTone(decoded, 48_000, 0, 1024, 47_000);
      }
    });

    it('stays aligned after a cut', async () => {
      const audio = { sampleRate: 48_000, channels: 1 } as const;
      const options: EncodeOptions = { ...picture, audio };
      const chunks: Uint8Array[] = [];
      let timeline: Timeline = { videoFrames: 0 };
      for await (const output of encoder.encode(soundingFrames(timeline, 60, options), options)) {
        if (output.type === 'end') break;
        chunks.push(output.data);
        if (output.type !== 'media') continue;
        timeline = output.timeline;
        if (timeline.videoFrames >= 30) break;
      }
      expect(timeline.videoFrames).toBeLessThan(60);
      const next = await encodeSegment(encoder, soundingFrames(timeline, 24, options), {
        ...options,
        timeline,
        final: true,
      });
      const film = Buffer.concat([...chunks, ...next.media.map(({ data }) => data)]);
      const {
        video,
        audio: packets,
        sound: [decoded],
        warnings,
      } = await watch(film, { frameBytes: width * height * 3, channels: 1 });
      expect(warnings).toBe('');
      expect(video.map(({ dts }) => dts)).toEqual(video.map((_, index) => index * 1000));
      expect(packets.map(({ dts }) => dts)).toEqual(packets.map((_, index) => index * 1024));
      const resumed = timeline.videoFrames * 2000;
      expectTone(decoded, 48_000, 0, resumed + 1024, resumed + 46_000);
    });

    itGoesOnBehind(encoder, 3);

    it.each([
      [{ width: 63, height: 48, fps: 24 }, 'The size 63x48 does not fit the pixel format yuv420p'],
      [{ width: 64, height: 47, fps: 24 }, 'e.g. 64x48'],
      [{ width: 64, height: 48, fps: 0 }, 'The frame rate 0 is not valid'],
      [{ ...picture, preset: 'warp' }, "The preset 'warp' is not known"],
      [{ ...picture, profile: 'hi10' }, "The profile 'hi10' is not known"],
      [{ ...picture, gop: 0 }, 'The GOP 0 is not valid'],
    ])('refuses %j', async (options, message) => {
      await expect(encodeSegment(encoder, frames(64, 48, 1), options)).rejects.toMatchObject({
        code: 'input_invalid',
        message: expect.stringContaining(message),
      });
    });

    it('names the frame that has the wrong length', async () => {
      const input = inputOf([
        { type: 'frame', data: patternFrame(width, height, 0) },
        { type: 'frame', data: new Uint8Array(10) },
      ]);
      await expect(encodeSegment(encoder, input, picture)).rejects.toMatchObject({
        code: 'input_invalid',
        message: 'Frame 1 has 10 bytes; 64x48 RGB24 needs 9216.',
      });
    });

    it('says so when there is no frame', async () => {
      await expect(encodeSegment(encoder, inputOf([]), picture)).rejects.toMatchObject({
        code: 'input_invalid',
        message: expect.stringContaining('no frame'),
      });
    });

    it('passes on what the input throws', async () => {
      async function* failing(): AsyncGenerator<EncoderInput, void, undefined> {
        yield* frames(width, height, 3);
        throw new Error('the generator broke');
      }
      await expect(encodeSegment(encoder, failing(), picture)).rejects.toThrow('the generator broke');
    });

    it('reads its input no faster than its output is taken', async () => {
      let made = 0;
      async function* endless(): AsyncGenerator<EncoderInput, void, undefined> {
        for (;;) {
          made += 1;
          yield { type: 'frame', data: noise(made) };
        }
      }
      const outputs = encoder.encode(endless(), { width: 256, height: 256, fps: 24 });
      for (let taken = 0; taken < 3; taken += 1) await outputs.next();
      await untilStill(() => made);
      expect(made).toBeLessThan(100);
      await outputs.return();
    });

    it('lets the input go when the consumer leaves', async () => {
      let released = false;
      async function* endless(): AsyncGenerator<EncoderInput, void, undefined> {
        try {
          for (let index = 0; ; index += 1) yield { type: 'frame', data: patternFrame(width, height, index) };
        } finally {
          released = true;
        }
      }
      for await (const output of encoder.encode(endless(), picture)) if (output.type === 'media') break;
      await expect.poll(() => released).toBe(true);
    });

    it('does not wait for an input that never gives its next frame', async () => {
      async function* stuck(): AsyncGenerator<EncoderInput, void, undefined> {
        yield* frames(width, height, 5);
        await new Promise(() => {});
      }
      for await (const output of encoder.encode(stuck(), picture)) if (output.type === 'media') break;
    });

    it('ends with the reason of an aborted signal', async () => {
      const abort = new AbortController();
      async function* stuck(): AsyncGenerator<EncoderInput, void, undefined> {
        yield* frames(width, height, 5);
        abort.abort(new Error('enough'));
        await new Promise(() => {});
      }
      const run = async () => {
        for await (const _ of encoder.encode(stuck(), picture, abort.signal));
      };
      await expect(run()).rejects.toThrow('enough');
    });

    it('encodes the same after it was warmed up', async () => {
      const options: EncodeOptions = { ...picture, audio: { sampleRate: 48_000, channels: 1 }, final: true };
      const first = async (times: number) => {
        const fresh = create();
        for (let count = 0; count < times; count += 1) fresh.warm(options);
        const segment = await encodeSegment(fresh, soundingFrames({ videoFrames: 0 }, 24, options), options);
        await fresh.close();
        return segment;
      };
      const cold = await first(0);
      const warm = await first(2);
      expect(Buffer.compare(warm.init, cold.init)).toBe(0);
      const packets = async (segment: typeof cold) => {
        const { video, audio } = await probe(concatenate([segment]));
        // How video and sound take turns in the file depends on which process was sooner.
        return [...video, ...audio].map(({ codec_type, dts, size, flags }) => [codec_type, dts, size, flags]);
      };
      expect(await packets(warm)).toEqual(await packets(cold));
    });

    it('does not mind being closed twice, and encodes no more after that', async () => {
      const other = create();
      other.warm(picture);
      await other.close();
      await other.close();
      await expect(encodeSegment(other, frames(width, height, 1), picture)).rejects.toThrow('closed');
    });
  });
}

/** The same with other sound and at other places, for those who have the time. */
export function describeEncoderInDepth(name: string, create: () => Encoder): void {
  describe(name, () => {
    const encoder = create();
    afterAll(() => encoder.close());

    itSoundsThrough(encoder, { sampleRate: 48_000, channels: 1, fps: 24, counts: [125, 7, 24, 1, 1, 60] });
    const fps = { num: 30_000, den: 1001 };
    itSoundsThrough(encoder, { sampleRate: 44_100, channels: 2, fps, counts: [31, 60, 17] });

    it('cuts sound off that is longer than the frames, so that the next segment stays aligned', async () => {
      const audio = { sampleRate: 48_000, channels: 1 } as const;
      const options = { ...picture, audio };
      const chain = await encodeChain(encoder, [24, 24], options, (timeline, count) => {
        const from = timeline.videoFrames * 2000;
        const samples = toneSamples(from, from + count * 2000 + 9999, 48_000, 1);
        const pictures = Array.from({ length: count }, (_, index) => patternFrame(width, height, index));
        const items: EncoderInput[] = pictures.map((data) => ({ type: 'frame', data }));
        return inputOf([{ type: 'audio', samples }, ...items]);
      });
      const film = concatenate(chain);
      const {
        audio: packets,
        sound: [decoded],
      } = await watch(film, { frameBytes: width * height * 3, channels: 1 });
      expect(packets).toHaveLength(Math.ceil(96_000 / 1024));
      expectTone(decoded, 48_000, 0, 1024, 95_000);
    });

    itGoesOnBehind(encoder, 1);
    itGoesOnBehind(encoder, 7);
  });
}

/** A 256x256 picture that hardly compresses, so that pipes fill quickly. */
function noise(seed: number): Uint8Array {
  const frame = new Uint8Array(256 * 256 * 3);
  let state = seed * 2_654_435_761;
  for (let at = 0; at < frame.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    frame[at] = state >>> 24;
  }
  return frame;
}
