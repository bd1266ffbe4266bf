import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSplitter } from '../../../src/core/router/relay/frame-splitter.ts';
import { type FrameParts, opcodes, serverFrame } from './server-frames.ts';

const limit = 200_000;
const { text, binary, close, ping, pong, continuation } = opcodes;

/** Stands for bytes that are too many to be compared one by one. */
const digest = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex');

/** What a splitter makes of chunks, each of which is overwritten as soon as it says that it is free. */
function split(chunks: readonly Buffer[], { keeps = false, stops = false } = {}) {
  const messages: { isBinary: boolean; data: string; wire: string }[] = [];
  const control: Buffer[] = [];
  const rest: Buffer[] = [];
  const free: boolean[] = [];
  const kept: { data: Buffer; before: string }[] = [];
  const splitter = new FrameSplitter(limit, {
    message: (message) => {
      const wire = digest(Buffer.concat(message.frame.pieces));
      messages.push({ isBinary: message.isBinary, data: digest(message.data), wire });
      if (keeps) for (const data of message.frame.pieces) kept.push({ data, before: digest(data) });
      return !keeps;
    },
    control: (frame) => {
      control.push(Buffer.from(frame));
      return frame[0] !== 0x88;
    },
    rest: (bytes) => rest.push(Buffer.from(bytes)),
    goesOn: () => !stops,
  });
  for (const chunk of chunks) {
    let isFree = splitter.push(chunk);
    for (let { left } = splitter; left; { left } = splitter) isFree = splitter.push(left) && isFree;
    free.push(isFree);
    if (isFree) chunk.fill(0xaa);
  }
  return { messages, control, rest: Buffer.concat(rest), free, kept };
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set([0, ...at.map((one) => one % (bytes.length + 1)), bytes.length])];
  const sorted = places.toSorted((a, b) => a - b);
  return sorted.slice(1).map((end, index) => Buffer.from(bytes.subarray(sorted[index], end)));
}

const lengths = fc.oneof(fc.nat(300), fc.constantFrom(125, 126, 65_535, 65_536, 100_000));
const dataFrame = fc.record({
  opcode: fc.constantFrom(text, binary),
  payload: fc.tuple(lengths, fc.nat(127)).map(([length, byte]) => Buffer.alloc(length, byte)),
});
const controlFrame = fc.record({
  opcode: fc.constantFrom(ping, pong),
  payload: fc.nat(125).map((length) => Buffer.alloc(length, 1)),
});
const sent = fc.array(fc.oneof(dataFrame, controlFrame), { maxLength: 8 });
const cuts = fc.array(fc.nat(400_000), { maxLength: 12 });

describe('frames of a server', () => {
  it('are found however they are cut, and not a byte of them is read over', () => {
    fc.assert(
      fc.property(sent, cuts, fc.boolean(), (frames, at, stops) => {
        const bytes = Buffer.concat(frames.map(serverFrame));
        const { messages, control, rest } = split(cut(bytes, at), { stops });
        const isControl = ({ opcode }: FrameParts) => opcode >= close;
        const data = frames.filter((frame) => !isControl(frame));
        expect(messages).toEqual(
          data.map((frame) => ({
            isBinary: frame.opcode === binary,
            data: digest(frame.payload),
            wire: digest(serverFrame(frame)),
          })),
        );
        expect(control).toEqual(frames.filter(isControl).map(serverFrame));
        expect(rest).toHaveLength(0);
      }),
    );
  });

  it('that are kept are never in a chunk that is said to be free', () => {
    fc.assert(
      fc.property(fc.array(dataFrame, { maxLength: 6 }), cuts, fc.boolean(), (frames, at, stops) => {
        const { kept } = split(cut(Buffer.concat(frames.map(serverFrame)), at), { keeps: true, stops });
        for (const { data, before } of kept) expect(digest(data)).toBe(before);
      }),
    );
  });

  it('are given one at a time when the sink does not go on, and the chunk is not free before', () => {
    const bytes = Buffer.concat([1, 2, 3].map((one) => serverFrame({ opcode: binary, payload: `${one}` })));
    const got: string[] = [];
    const splitter = new FrameSplitter(limit, {
      message: ({ data }) => got.push(data.toString()) > 0,
      control: () => true,
      rest: () => undefined,
      goesOn: () => false,
    });
    const steps: unknown[] = [];
    for (let next: Buffer | undefined = bytes; next; next = splitter.left) {
      steps.push([splitter.push(next), got.join('')]);
    }
    expect(steps).toEqual([
      [false, '1'],
      [false, '12'],
      [true, '123'],
    ]);
  });

  it('leave a chunk free when each of them is done with, also one that has only begun', () => {
    const frame = serverFrame({ opcode: binary, payload: Buffer.alloc(1000, 7) });
    const bytes = Buffer.concat([frame, frame, frame]);
    expect(
      split([bytes.subarray(0, 2200), bytes.subarray(2200)].map((one) => Buffer.from(one))).free,
    ).toEqual([true, true]);
    // Most of it would be copied.
    expect(split([Buffer.from(frame.subarray(0, 900))]).free).toEqual([false]);
  });

  it.each<[string, FrameParts]>([
    ['is continued', { opcode: text, payload: 'a', fin: false }],
    ['continues one', { opcode: continuation, payload: 'a' }],
    ['is compressed', { opcode: binary, payload: 'a', compressed: true }],
    ['is masked', { opcode: binary, payload: 'abc', masked: true }],
    ['has an opcode that means nothing', { opcode: 3, payload: 'a' }],
    ['is longer than a message may be', { opcode: binary, payload: Buffer.alloc(limit + 1) }],
    ['has its length in more bytes than it needs', { opcode: binary, payload: 'abc', lengthBytes: 2 }],
    ['has its length in many more', { opcode: binary, payload: 'abc', lengthBytes: 8 }],
    ['is no UTF-8', { opcode: text, payload: Buffer.from([0x61, 0xff]) }],
    ['is a control frame in parts', { opcode: ping, payload: 'a', fin: false }],
    ['is a control frame that is too long', { opcode: pong, payload: Buffer.alloc(126) }],
  ])('are left alone from the first that %s', (_, odd) => {
    fc.assert(
      fc.property(cuts, (at) => {
        const before = serverFrame({ opcode: binary, payload: 'before' });
        const left = [odd, { opcode: text, payload: 'after' }].map(serverFrame);
        const { messages, rest } = split(cut(Buffer.concat([before, ...left]), at));
        expect(messages.map(({ data }) => data)).toEqual([digest(Buffer.from('before'))]);
        expect(digest(rest)).toBe(digest(Buffer.concat(left)));
      }),
      { numRuns: 30 },
    );
  });

  it('are left alone behind a close', () => {
    const after = serverFrame({ opcode: text, payload: 'after' });
    const { messages, control, rest } = split([
      Buffer.concat([serverFrame({ opcode: close }), after]),
      Buffer.from(after),
    ]);
    expect(control).toEqual([serverFrame({ opcode: close })]);
    expect(messages).toEqual([]);
    expect(rest).toEqual(Buffer.concat([after, after]));
  });
});
