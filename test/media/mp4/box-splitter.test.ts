import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoxSplitter } from '../../../src/core/media/mp4/box-splitter.ts';
import { box } from './boxes.ts';

describe('BoxSplitter', () => {
  it('gives the same boxes however the stream is cut into chunks', () => {
    const content = fc.array(
      fc.record({ type: fc.constantFrom('moof', 'mdat', 'free'), payload: fc.uint8Array({ maxLength: 40 }) }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(content, fc.array(fc.nat(30), { maxLength: 60 }), (boxes, cuts) => {
        const stream = Buffer.concat(boxes.map(({ type, payload }) => box(type, payload)));
        const splitter = new BoxSplitter();
        const found = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          found.push(...splitter.push(stream.subarray(at, at + cut)));
          at = Math.min(at + cut, stream.length);
        }
        expect(found.map(({ type, data }) => [type, [...data.subarray(8)]])).toEqual(
          boxes.map(({ type, payload }) => [type, [...payload]]),
        );
        expect(splitter.pendingBytes).toBe(0);
      }),
    );
  });

  it('refuses a malformed size as soon as it is there', () => {
    expect(() => new BoxSplitter().push(Buffer.from([0, 0, 0, 3, 109, 111, 111, 102]))).toThrow('malformed');
  });

  it('does not wait for a box of an absurd size', () => {
    expect(() => new BoxSplitter().push(Buffer.from([255, 0, 0, 0, 109, 111, 111, 102]))).toThrow('claims');
  });
});
