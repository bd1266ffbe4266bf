import fc from 'fast-check';

/** A box of an MP4 file as a tree: what is in it, or its bytes. */
interface Box {
  type: string;
  body: Buffer | Box[];
}

const containers = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'mvex', 'moof', 'traf'];
const types = [
  ...containers,
  'tfhd',
  'tfdt',
  'trun',
  'mfhd',
  'stsd',
  'trex',
  'tkhd',
  'mdhd',
  'mdat',
  'free',
  'avc1',
];

const change = fc.record({
  kind: fc.constantFrom('shorten', 'lengthen', 'remove', 'repeat', 'rename', 'move'),
  /** Which of the boxes, counted through all of the tree. */
  at: fc.nat({ max: 1000 }),
  count: fc.nat({ max: 40 }),
  type: fc.constantFrom(...types),
});

/** A file whose boxes are changed, the sizes of those around them fitting all the same. */
export function mutatedBoxes(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Buffer> {
  return fc.tuple(valid, fc.array(change, { minLength: 1, maxLength: 3 })).map(([bytes, list]) => {
    const root: Box = { type: 'root', body: parsed(Buffer.from(bytes)) };
    for (const { kind, at, count, type } of list) {
      const places = boxesIn(root);
      const place = places[at % Math.max(1, places.length)];
      if (!place) continue;
      const { parent, index, box } = place;
      if (kind === 'rename') box.type = type;
      else if (kind === 'remove') parent.splice(index, 1);
      else if (kind === 'repeat') parent.splice(index, 0, ...Array<Box>(count).fill(structuredCopy(box)));
      else if (kind === 'move') parent.push(...parent.splice(index, 1));
      else if (Buffer.isBuffer(box.body)) {
        const { body } = box;
        box.body =
          kind === 'shorten' ? body.subarray(0, count) : Buffer.concat([body, Buffer.alloc(count, 0xff)]);
      } else if (kind === 'shorten') box.body.length = Math.min(box.body.length, count % 4);
    }
    return Buffer.concat((root.body as Box[]).map(serialized));
  });
}

function parsed(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = Math.max(8, bytes.readUInt32BE(at));
    const type = bytes.toString('latin1', at + 4, at + 8);
    const body = Buffer.from(bytes.subarray(at + 8, at + size));
    boxes.push({ type, body: containers.includes(type) ? parsed(body) : body });
    at += size;
  }
  return boxes;
}

function serialized({ type, body }: Box): Buffer {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.concat(body.map(serialized));
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + bytes.length, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, bytes]);
}

function structuredCopy({ type, body }: Box): Box {
  return { type, body: Buffer.isBuffer(body) ? body : body.map(structuredCopy) };
}

function boxesIn(root: Box): { parent: Box[]; index: number; box: Box }[] {
  if (Buffer.isBuffer(root.body)) return [];
  const parent = root.body;
  return parent.flatMap((box, index) => [{ parent, index, box }, ...boxesIn(box)]);
}
