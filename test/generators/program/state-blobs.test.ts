import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packState, unpackState } from '../../../src/core/generators/program/state-blobs.ts';
import { anyState } from './any-state.ts';

const long = (text: string) => text.repeat(20_000 / text.length);

/** The JSON goes through a pipe; the blobs lie behind `before` bytes of something else. */
function overTheWire(state: Parameters<typeof packState>[0], before = 0) {
  const { state: packed, blobs } = packState(state, before);
  const payload = new Uint8Array(Buffer.concat([Buffer.alloc(before, 0xaa), ...blobs]));
  return { header: JSON.parse(JSON.stringify(packed)), payload };
}

describe('the blobs of a continuation state', () => {
  it('come back as they were, whatever lies in front of them', () => {
    fc.assert(
      fc.property(anyState, fc.nat(5000), (state, before) => {
        const { header, payload } = overTheWire(state, before);
        // Compares bytes far faster than `toEqual`.
        deepStrictEqual(unpackState(header, payload), structuredClone(state));
      }),
    );
  });

  it('are bytes of any length, strings over 16 KiB, and nothing else', () => {
    const payload = {
      bytes: Uint8Array.of(1, 2, 3),
      none: new Uint8Array(0),
      short: 'a'.repeat(16 * 1024),
      list: [{ long: 'b'.repeat(16 * 1024 + 1) }],
      number: 4,
    };
    const { state, blobs } = packState({ kind: 'k', payload }, 100);
    expect(state).toEqual({
      kind: 'k',
      payload: {
        bytes: { $blob: { offset: 100, length: 3, encoding: 'binary' } },
        none: { $blob: { offset: 103, length: 0, encoding: 'binary' } },
        short: payload.short,
        list: [{ long: { $blob: { offset: 103, length: 16 * 1024 + 1, encoding: 'utf8' } } }],
        number: 4,
      },
    });
    expect(blobs.map(({ length }) => length)).toEqual([3, 0, 16 * 1024 + 1]);
  });

  it.each([
    ['characters of several bytes', long('é漢🦊')],
    ['a byte order mark in front', `\uFEFF${long('abcd')}`],
    ['line ends and zeros', long('\r\n\0"\\')],
  ])('keep a string with %s', (_, text) => {
    const { header, payload } = overTheWire({ kind: 'k', payload: { text } });
    expect(payload.length).toBeGreaterThan(16 * 1024);
    expect(unpackState(header, payload).payload.text).toBe(text);
  });

  it('are copies: the message that brought them is not kept', () => {
    const { header, payload } = overTheWire({ kind: 'k', payload: { bytes: new Uint8Array(10).fill(7) } });
    const { bytes } = unpackState(header, payload).payload;
    payload.fill(0);
    expect(bytes).toEqual(new Uint8Array(10).fill(7));
    expect((bytes as Uint8Array).buffer.byteLength).toBe(10);
  });

  it.each([
    ['behind the payload', { offset: 8, length: 3, encoding: 'binary' }, 'outside a payload of 10'],
    ['before the payload', { offset: -1, length: 3, encoding: 'binary' }, 'not the position of a blob'],
    ['of another encoding', { offset: 0, length: 3, encoding: 'latin1' }, 'not the position of a blob'],
    ['without a length', { offset: 0, encoding: 'binary' }, 'not the position of a blob'],
  ])('are refused in one line when their place is %s', (_, $blob, problem) => {
    const unpack = () => unpackState({ kind: 'k', payload: { a: [{ $blob }] } }, new Uint8Array(10));
    expect(unpack).toThrow(RangeError);
    expect(unpack).toThrow(problem);
    expect(unpack).not.toThrow(/\n/);
  });
});
