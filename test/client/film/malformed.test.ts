import { describe, expect, it } from 'vitest';
import { Film } from '../../../src/core/client/film/film.ts';
import { box } from '../../media/mp4/boxes.ts';

const word = (value: number) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
const zeros = (count: number) => Array<number>(count).fill(0);

interface Parts {
  readonly tkhd?: readonly number[];
  readonly mdhd?: readonly number[];
  readonly trex?: readonly number[];
}

function init({ tkhd, mdhd, trex }: Parts = {}): Buffer {
  const hdlr = box('hdlr', [...zeros(8), ...Buffer.from('vide')]);
  const minf = box('minf', box('stbl', box('stsd', zeros(8))));
  const mdia = box('mdia', [...box('mdhd', mdhd ?? [...zeros(12), ...word(24)]), ...hdlr, ...minf]);
  const trak = box('trak', [...box('tkhd', tkhd ?? [...zeros(12), ...word(1)]), ...mdia]);
  const mvex = box(
    'mvex',
    box('trex', trex ?? [...zeros(4), ...word(1), ...zeros(4), ...word(1), ...zeros(8)]),
  );
  return Buffer.concat([box('ftyp', []), box('moov', [...trak, ...mvex])]);
}

interface FragmentParts {
  readonly tfhd?: readonly number[];
  readonly tfdt?: readonly number[];
  readonly trun?: readonly number[];
  readonly mfhd?: readonly number[];
}

function fragment({ tfhd, tfdt, trun, mfhd }: FragmentParts = {}): Buffer {
  const traf = box('traf', [
    ...box('tfhd', tfhd ?? [...zeros(4), ...word(1)]),
    ...box('tfdt', tfdt ?? zeros(8)),
    ...box('trun', trun ?? [...zeros(4), ...word(1)]),
  ]);
  return Buffer.concat([box('moof', [...box('mfhd', mfhd ?? zeros(8)), ...traf]), box('mdat', [])]);
}

describe('a film of what a server sends that is no proper MP4', () => {
  it('holds what is proper', async () => {
    const film = new Film(async () => undefined);
    film.init(init());
    await film.media(fragment());
    expect(film.bytes).toBe(init().length + fragment().length);
  });

  it('begins with the first media', async () => {
    const written: number[] = [];
    const film = new Film(async ({ length }) => {
      written.push(length);
    });
    film.init(init());
    expect(written).toEqual([]);
    await film.media(fragment());
    expect(written).toEqual([init().length, fragment().length]);
  });

  it.each<[string, Parts]>([
    ['tkhd', { tkhd: [] }],
    ['mdhd', { mdhd: [0] }],
    ['trex', { trex: zeros(8) }],
    ['mdhd without a timescale', { mdhd: zeros(16) }],
  ])('refuses a short %s', (_, parts) => {
    const film = new Film(async () => undefined);
    expect(() => film.init(init(parts))).toThrow(expect.objectContaining({ code: 'encoder_failed' }));
  });

  it.each<[string, FragmentParts]>([
    ['tfhd', { tfhd: [] }],
    ['tfhd without the default that it promises', { tfhd: [0, 0, 0, 8, ...word(1)] }],
    ['tfdt', { tfdt: [1, 0, 0, 0, 0, 0, 0, 0] }],
    ['trun', { trun: [] }],
    ['mfhd', { mfhd: [] }],
  ])('refuses a short %s', async (_, parts) => {
    const film = new Film(async () => undefined);
    film.init(init());
    await expect(film.media(fragment(parts))).rejects.toMatchObject({ code: 'encoder_failed' });
  });
});
