import { describe, expect, it } from 'vitest';
import { BoxFields, findBox, iterateBoxes, requireBox } from '../../../src/core/media/mp4/box.ts';
import { box } from './boxes.ts';

describe('iterateBoxes', () => {
  it('gives the boxes with their places', () => {
    const data = Buffer.concat([box('ftyp', [1, 2]), box('free', [])]);
    expect([...iterateBoxes(data)]).toEqual([
      { type: 'ftyp', start: 0, body: 8, end: 10 },
      { type: 'free', start: 10, body: 18, end: 18 },
    ]);
  });

  it('reads a 64-bit size', () => {
    const data = Buffer.from([0, 0, 0, 1, ...Buffer.from('mdat'), 0, 0, 0, 0, 0, 0, 0, 18, 7, 7]);
    expect([...iterateBoxes(data)]).toEqual([{ type: 'mdat', start: 0, body: 16, end: 18 }]);
  });

  it.each([
    ['a size of 0', [0, 0, 0, 0, ...Buffer.from('mdat')], 'has no size'],
    ['a size below 8', [0, 0, 0, 7, ...Buffer.from('mdat')], 'less than its header'],
    ['a type that is no text', [0, 0, 0, 9, 0x1b, 0xff, 0x41, 0x42], "box '??AB' at byte 0"],
    ['a size beyond the end', [0, 0, 0, 9, ...Buffer.from('mdat')], 'only 8 are there'],
    ['half a header', [0, 0, 0], 'not a whole box header'],
    ['a 64-bit size below 16', [0, 0, 0, 1, ...Buffer.from('mdat'), 0, 0, 0, 0, 0, 0, 0, 15], 'impossible'],
    [
      'a 64-bit size beyond all files',
      [0, 0, 0, 1, ...Buffer.from('mdat'), 255, 0, 0, 0, 0, 0, 0, 0],
      'impossible',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => [...iterateBoxes(Buffer.from(bytes))]).toThrow(message);
  });
});

describe('BoxFields', () => {
  const data = Buffer.concat([box('tfdt', [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]), box('mdat', [9, 9, 9, 9])]);
  const fields = new BoxFields(data, requireBox(data, 'tfdt'));

  it('reads and writes what is in the box', () => {
    expect([fields.uint8(0), fields.uint32(8), fields.uint64(4)]).toEqual([1, 7, 7]);
    fields.setUint32(8, 8);
    expect(fields.uint64(4)).toBe(8);
    fields.setUint64(4, 7);
  });

  it.each([
    ['behind its end', () => fields.uint32(9)],
    ['before its start', () => fields.setUint32(-4, 0)],
    ['half behind its end', () => fields.setUint64(5, 0)],
    [
      'of a box of nothing',
      () => new BoxFields(box('tfdt', []), requireBox(box('tfdt', []), 'tfdt')).uint8(0),
    ],
  ])('refuses what is %s', (_, read) => {
    expect(read).toThrow(expect.objectContaining({ code: 'encoder_failed' }));
  });
});

describe('findBox', () => {
  const data = Buffer.concat([
    box('ftyp', []),
    box('moov', [...box('trak', []), ...box('mvex', box('trex', [9]))]),
  ]);

  it('follows a path through the containers', () => {
    const trex = requireBox(data, 'moov/mvex/trex');
    expect([...data.subarray(trex.body, trex.end)]).toEqual([9]);
  });

  it('gives nothing where the path ends early', () => {
    expect(findBox(data, 'moov/trak/mdia')).toBeUndefined();
    expect(() => requireBox(data, 'moov/trak/mdia')).toThrow("there is no 'moov/trak/mdia'");
  });
});
