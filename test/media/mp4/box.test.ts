import { describe, expect, it } from 'vitest';
import { findBox, iterateBoxes, requireBox } from '../../../src/core/media/mp4/box.ts';
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
    ['a size beyond the end', [0, 0, 0, 9, ...Buffer.from('mdat')], 'only 8 are there'],
    ['half a header', [0, 0, 0], 'no whole box header'],
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
