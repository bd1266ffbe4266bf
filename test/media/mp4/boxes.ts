/** A box with this payload, written by hand. */
export function box(type: string, payload: ArrayLike<number>): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + payload.length, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, Uint8Array.from(payload)]);
}
