import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JpegSplitter } from '../../src/core/media/jpeg-splitter.ts';

const soi = [0xff, 0xd8];
const eoi = [0xff, 0xd9];

function segment(code: number, payload: Iterable<number>): number[] {
  const content = [...payload];
  const length = content.length + 2;
  return [0xff, code, length >> 8, length & 0xff, ...content];
}

/** Entropy-coded data as it is written: a zero behind each 0xFF. */
function stuffed(data: Iterable<number>): number[] {
  return [...data].flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte]));
}

/** Bytes in which what looks like markers is frequent. */
const bytes = (maxLength: number) =>
  fc.array(fc.oneof(fc.constantFrom(0xff, 0xd8, 0xd9, 0xda, 0), fc.nat(255)), { maxLength });
/** APPn, DQT, DHT, SOF0, COM. */
const segments = fc.array(
  fc
    .tuple(fc.constantFrom(0xe0, 0xe1, 0xdb, 0xc4, 0xc0, 0xfe), bytes(300))
    .map(([code, payload]) => segment(code, payload)),
  { maxLength: 4 },
);
const scan = fc
  .tuple(segments, bytes(8), fc.array(bytes(40), { minLength: 1, maxLength: 4 }), fc.nat(3))
  .map(([before, header, intervals, fill]) => [
    ...before.flat(),
    ...segment(0xda, header),
    ...intervals.flatMap((data, index) => [
      ...(index === 0 ? [] : [0xff, 0xd0 + ((index - 1) % 8)]),
      ...stuffed(data),
    ]),
    // Fill bytes in front of the marker that follows.
    ...Array<number>(fill).fill(0xff),
  ]);
const file = fc.array(scan, { minLength: 1, maxLength: 3 }).map((scans) => [...soi, ...scans.flat(), ...eoi]);

describe('JpegSplitter', () => {
  it('gives the same files however the stream is cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(file, { maxLength: 5 }),
        fc.array(fc.nat(60), { maxLength: 80 }),
        (files, cuts) => {
          const stream = Uint8Array.from(files.flat());
          const splitter = new JpegSplitter();
          const found: Uint8Array[] = [];
          let at = 0;
          for (const cut of [...cuts, stream.length]) {
            found.push(...splitter.push(stream.subarray(at, at + cut)));
            at = Math.min(at + cut, stream.length);
          }
          expect(found.map((one) => [...one])).toEqual(files);
          expect(splitter.pendingBytes).toBe(0);
        },
      ),
    );
  });

  it('gives a file with its last byte, cut byte by byte, whatever its segments and data look like', () => {
    const thumbnail = [...soi, ...segment(0xda, [1]), 5, ...eoi, ...soi, ...eoi];
    const whole = [
      ...soi,
      ...segment(0xe1, thumbnail),
      ...segment(0xda, [0xff, 0xd9]),
      ...[7, 0xff, 0, 0xd9, 0xff, 0xd3, 9, 0xff, 0xff],
      ...eoi,
    ];
    const splitter = new JpegSplitter();
    const given = [...whole, ...whole].map((byte) => splitter.push(Uint8Array.of(byte)).length);
    expect(given.flatMap((count, at) => (count > 0 ? [[at, count]] : []))).toEqual([
      [whole.length - 1, 1],
      [2 * whole.length - 1, 1],
    ]);
  });

  it('gives several files of one chunk at once and keeps the rest', () => {
    const splitter = new JpegSplitter();
    const small = [...soi, ...segment(0xda, []), 1, ...eoi];
    expect(splitter.push(Uint8Array.from([...small, ...small, ...small.slice(0, 4)]))).toHaveLength(2);
    expect(splitter.pendingBytes).toBe(4);
    expect(splitter.push(Uint8Array.from(small.slice(4))).map((one) => [...one])).toEqual([small]);
  });

  it.each([
    ['another format', [0x89, 0x50]],
    ['bytes between two files', [...soi, ...eoi, 0]],
    ['a file within a file', [...soi, ...soi]],
    ['bytes where a marker belongs', [...soi, ...segment(0xe0, [1, 2]), 3]],
    ['a segment without a length', [...soi, 0xff, 0xe0, 0, 1]],
    ['a reserved marker', [...soi, 0xff, 0x02]],
    ['a start within a scan', [...soi, ...segment(0xda, []), 1, ...soi]],
  ])('refuses %s', (_, stream) => {
    const push = () => new JpegSplitter().push(Uint8Array.from(stream));
    expect(push).toThrow(expect.objectContaining({ code: 'encoder_failed' }));
    expect(push).toThrow(/^The JPEG stream is malformed: /);
  });

  it('refuses a file that goes on for ever', () => {
    const splitter = new JpegSplitter(1000);
    splitter.push(Uint8Array.from([...soi, ...segment(0xda, [])]));
    splitter.push(new Uint8Array(900));
    expect(() => splitter.push(new Uint8Array(900))).toThrow('more than 1000 bytes');
  });

  it('holds up to 64 MiB', () => {
    const splitter = new JpegSplitter();
    const head = [...soi, ...segment(0xda, [])];
    splitter.push(Uint8Array.from(head));
    splitter.push(new Uint8Array(64 * 1024 * 1024 - head.length));
    expect(() => splitter.push(Uint8Array.of(0))).toThrow('more than 67108864 bytes');
  });
});
