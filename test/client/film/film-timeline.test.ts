import { describe, expect, it } from 'vitest';
import { FilmTimeline } from '../../../src/client/film/film-timeline.ts';
import { trackFragments } from '../../../src/client/film/track-fragment.ts';
import { box } from '../../media/mp4/boxes.ts';

const word = (value: number) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
const zeros = (count: number) => Array<number>(count).fill(0);

/** Ticks a second. */
const pictureScale = 24;
const soundScale = 48_000;
const aacFrame = 1024;

/** One entry of `stsd` for sound: AAC with so many channels at 48 kHz. */
function soundEntry(channels: number): Buffer {
  return box('mp4a', [
    ...zeros(16),
    0,
    channels,
    0,
    16,
    ...zeros(4),
    ...word(soundScale * 65_536),
    ...zeros(4),
  ]);
}

function track(id: number, handler: string, timescale: number, entry: Buffer): Buffer {
  const stbl = box('stbl', box('stsd', [...zeros(4), ...word(1), ...entry]));
  const mdia = box('mdia', [
    ...box('mdhd', [...zeros(12), ...word(timescale)]),
    ...box('hdlr', [...zeros(8), ...Buffer.from(handler)]),
    ...box('minf', stbl),
  ]);
  return box('trak', [...box('tkhd', [...zeros(12), ...word(id)]), ...mdia]);
}

function init(channels = 2): Buffer {
  const trex = (id: number, duration: number) =>
    box('trex', [...zeros(4), ...word(id), ...zeros(4), ...word(duration), ...zeros(8)]);
  const moov = box('moov', [
    ...track(1, 'vide', pictureScale, box('avc1', zeros(8))),
    ...track(2, 'soun', soundScale, soundEntry(channels)),
    ...box('mvex', [...trex(1, 1), ...trex(2, aacFrame)]),
  ]);
  return Buffer.from(moov);
}

function fragment(trackId: number, start: number, samples: number): Buffer {
  const traf = box('traf', [
    ...box('tfhd', [...zeros(4), ...word(trackId)]),
    ...box('tfdt', [...zeros(4), ...word(start)]),
    ...box('trun', [...zeros(4), ...word(samples)]),
  ]);
  return Buffer.from([...box('moof', [...box('mfhd', zeros(8)), ...traf]), ...box('mdat', [])]);
}

const picture = (start: number, samples: number) => fragment(1, start, samples);
const sound = (start: number, frames: number) => fragment(2, start, frames);

/** What was placed: the track, and from when to when, in its ticks. */
function placed(
  timeline: FilmTimeline,
  ...data: readonly Buffer[]
): readonly (readonly [string, number, number])[] {
  return data
    .flatMap((part) => timeline.place(part))
    .flatMap((part) => trackFragments(part, (id) => (id === 1 ? 1 : aacFrame)))
    .map(({ trackId, start, duration }) => {
      return [trackId === 1 ? 'picture' : 'sound', start, start + duration] as const;
    });
}

describe('the time line of a film', () => {
  it('is that of the first session as it came', () => {
    const timeline = new FilmTimeline();
    expect(timeline.init(init())).toBe('first');
    expect(placed(timeline, picture(0, 24), sound(0, 46))).toEqual([
      ['picture', 0, 24],
      ['sound', 0, 46 * aacFrame],
    ]);
    expect(timeline.seconds).toBe(1);
  });

  it('goes on behind it with the next session, with silence where the sound had ended before the picture', () => {
    const timeline = new FilmTimeline();
    timeline.init(init());
    placed(timeline, picture(0, 24), sound(0, 40));
    timeline.begin();
    expect(timeline.init(init())).toBe('same');
    // 1 s holds 46.875 frames: six silent ones fit before the next sound.
    expect(placed(timeline, picture(0, 24), sound(0, 46))).toEqual([
      ['picture', 24, 48],
      ['sound', 40 * aacFrame, 46 * aacFrame],
      ['sound', soundScale, soundScale + 46 * aacFrame],
    ]);
  });

  it('waits for the picture before it places the sound of another session', () => {
    const timeline = new FilmTimeline();
    timeline.init(init());
    placed(timeline, picture(0, 24));
    timeline.begin();
    expect(placed(timeline, sound(soundScale, 1))).toEqual([]);
    expect(placed(timeline, picture(24, 24))).toEqual([
      ['sound', soundScale, soundScale + aacFrame],
      ['picture', 24, 48],
    ]);
  });

  it('has no two samples of a track at the same time', () => {
    const timeline = new FilmTimeline();
    timeline.init(init());
    placed(timeline, picture(0, 24), sound(0, 46));
    expect(placed(timeline, picture(20, 24), sound(40 * aacFrame, 10))).toEqual([
      ['picture', 24, 48],
      ['sound', 46 * aacFrame, 56 * aacFrame],
    ]);
  });

  it('tells what cannot follow, and leaves the film as it is', () => {
    const timeline = new FilmTimeline();
    timeline.init(init(2));
    placed(timeline, picture(0, 24));
    expect(timeline.init(init(1))).toEqual({ difference: 'another codec or size of the sound' });
    expect(timeline.seconds).toBe(1);
  });

  it('puts no silence between kinds of sound whose silence it does not know', () => {
    const timeline = new FilmTimeline();
    timeline.init(init(6));
    placed(timeline, picture(0, 24), sound(0, 40));
    timeline.begin();
    expect(placed(timeline, picture(0, 24), sound(0, 46)).map(([name]) => name)).toEqual([
      'picture',
      'sound',
    ]);
  });
});
