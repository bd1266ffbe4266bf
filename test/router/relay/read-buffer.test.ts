import { describe, expect, it } from 'vitest';
import { ReadBuffer } from '../../../src/core/router/relay/read-buffer.ts';

const small = 16 * 1024;
const large = 256 * 1024;

/** One read of a socket; gives the chunk. */
function read(buffer: ReadBuffer, count: number, isFree: boolean): Buffer {
  let got: Buffer = Buffer.alloc(0);
  buffer.bytes.fill(1, 0, count);
  buffer.read(count, (chunk) => {
    got = chunk;
    return isFree;
  });
  return got;
}

const shares = (a: Buffer, b: Buffer) => a.buffer === b.buffer;

describe('a buffer that is read into over and over', () => {
  it('stays the same while nothing is kept', () => {
    const buffer = new ReadBuffer();
    const { bytes } = buffer;
    const chunk = read(buffer, small, true);
    expect(shares(chunk, bytes)).toBe(true);
    expect(buffer.bytes).toBe(bytes);
  });

  it('is given away with what is kept', () => {
    const buffer = new ReadBuffer();
    const chunk = read(buffer, small, false);
    buffer.bytes.fill(2);
    expect(chunk).toEqual(Buffer.alloc(small, 1));
    expect(shares(chunk, buffer.bytes)).toBe(false);
  });

  it('is not held by a few bytes of it', () => {
    const buffer = new ReadBuffer();
    const { bytes } = buffer;
    const chunk = read(buffer, 100, false);
    expect(buffer.bytes).toBe(bytes);
    expect(shares(chunk, bytes)).toBe(false);
    buffer.bytes.fill(2);
    expect(chunk).toEqual(Buffer.alloc(100, 1));
  });

  it('is large only while reads fill it without a pause', () => {
    const buffer = new ReadBuffer();
    const sizes = Array.from({ length: 10 }, () => {
      read(buffer, buffer.bytes.length, true);
      return buffer.bytes.length;
    });
    expect(sizes).toEqual([...Array.from({ length: 7 }, () => small), large, large, large]);
    read(buffer, 100_000, true);
    expect(buffer.bytes).toHaveLength(large);
    read(buffer, 500, true);
    expect(buffer.bytes).toHaveLength(small);
    for (let count = 0; count < 30; count += 1) {
      read(buffer, small, true);
      read(buffer, small - 1, true);
    }
    expect(buffer.bytes).toHaveLength(small);
  });
});
