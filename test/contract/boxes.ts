/** A box of ISO/IEC 14496-12, section 4.2: its type and what is in it. */
export interface Box {
  readonly type: string;
  readonly body: Buffer;
}

/** The boxes that lie one after the other in `bytes`. Throws unless they fill it exactly. */
export function boxes(bytes: Buffer): Box[] {
  const found: Box[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 8)
      throw new Error(`${bytes.length - at} bytes are left over after the last box.`);
    let size = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    let head = 8;
    if (size === 1) {
      size = Number(bytes.readBigUInt64BE(at + 8));
      head = 16;
    }
    if (size < head || at + size > bytes.length) {
      throw new Error(`Box ${type} says ${size} bytes, ${bytes.length - at} are there.`);
    }
    found.push({ type, body: bytes.subarray(at + head, at + size) });
    at += size;
  }
  return found;
}

export function boxTypes(bytes: Buffer): string[] {
  return boxes(bytes).map(({ type }) => type);
}

export function children(box: Box, type: string): Box[] {
  return boxes(box.body).filter((child) => child.type === type);
}

/** The only box of that type. Throws when there is none, or more than one. */
export function only(parent: Box | Buffer, type: string): Box {
  const all = Buffer.isBuffer(parent) ? boxes(parent) : boxes(parent.body);
  const [found, second] = all.filter((box) => box.type === type);
  if (found === undefined || second !== undefined) {
    throw new Error(`Expected one ${type} among ${all.map((box) => box.type).join(' ')}.`);
  }
  return found;
}
