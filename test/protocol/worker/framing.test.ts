import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage, MessageReader } from '../../../src/core/protocol/worker/framing.ts';

function bytesOf(header: object, payload: Uint8Array): Uint8Array {
  return Buffer.concat([encodeMessage(header, payload.length), payload]);
}

describe('worker message framing', () => {
  it('is two big-endian lengths, the JSON header, then the payload', () => {
    const bytes = bytesOf({ a: 1 }, Uint8Array.of(7, 8));
    expect([...bytes]).toEqual([0, 0, 0, 7, 0, 0, 0, 2, ...Buffer.from('{"a":1}'), 7, 8]);
  });

  it('reads what was written, however the bytes are cut', () => {
    const message = fc.record({ text: fc.string(), payload: fc.uint8Array({ maxLength: 50 }) });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 40 })),
        (messages, cuts) => {
          const stream = Buffer.concat(messages.map(({ text, payload }) => bytesOf({ text }, payload)));
          const reader = new MessageReader();
          const seen: { text: unknown; payload: number[] }[] = [];
          let offset = 0;
          let turn = 0;
          while (offset < stream.length) {
            const length = cuts[turn++ % Math.max(1, cuts.length)] ?? 16;
            for (const { header, payload } of reader.push(stream.subarray(offset, offset + length))) {
              seen.push({ text: (header as { text: unknown }).text, payload: [...payload] });
            }
            offset += length;
          }
          expect(seen).toEqual(messages.map(({ text, payload }) => ({ text, payload: [...payload] })));
        },
      ),
    );
  });

  it('refuses lengths over the limit before it keeps the bytes', () => {
    const reader = new MessageReader({ maxHeaderBytes: 10, maxPayloadBytes: 10 });
    expect(() => [...reader.push(encodeMessage({}, 11))]).toThrow('over the limit');
  });
});
