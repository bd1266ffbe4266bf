import { type Box, BoxFields, childBoxes, iterateBoxes, malformed, requireBox, shownType } from './box.ts';

/** Bytes of a VisualSampleEntry (ISO/IEC 14496-12, section 12.1.3) and an AudioSampleEntry before their boxes. */
const visualSampleEntrySize = 78;
const audioSampleEntrySize = 28;

/**
 * The mime type of an initialization segment, e.g. `video/mp4; codecs="avc1.42c01f, mp4a.40.2"`: what its tracks
 * really hold, in their order.
 */
export function mimeType(init: Uint8Array): string {
  return `video/mp4; codecs="${codecStrings(init).join(', ')}"`;
}

/** One codec string (RFC 6381) for each track of the `moov` in `init`. */
export function codecStrings(init: Uint8Array): string[] {
  const moov = requireBox(init, 'moov');
  const strings: string[] = [];
  for (const box of childBoxes(init, moov)) {
    if (box.type === 'trak') strings.push(trackCodecString(init, box));
  }
  return strings;
}

function trackCodecString(data: Uint8Array, trak: Box): string {
  const stsd = requireBox(data, 'mdia/minf/stbl/stsd', trak);
  const entry = childBoxes(data, stsd).next().value;
  if (!entry) throw malformed("'stsd' has no sample entry");
  switch (entry.type) {
    case 'avc1':
    case 'avc3':
      return avcString(data, entry);
    case 'hvc1':
    case 'hev1':
      return hevcString(data, entry);
    case 'mp4a':
      return mp4aString(data, entry);
    default:
      throw malformed(`the codec ${shownType(entry.type)} is not one that a codec string can be made for`);
  }
}

/** ISO/IEC 14496-15, section 5.3.3: profile, compatibility and level, as they stand in AVCDecoderConfigurationRecord. */
function avcString(data: Uint8Array, entry: Box): string {
  const avcC = entryBox(data, entry, visualSampleEntrySize, 'avcC');
  const fields = new BoxFields(data, avcC);
  const profile = [1, 2, 3].map((at) => fields.uint8(at));
  return `${entry.type}.${profile.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** ISO/IEC 14496-15, annex E.3: profile, reversed compatibility bits, tier and level, constraint bytes. */
function hevcString(data: Uint8Array, entry: Box): string {
  const hvcC = entryBox(data, entry, visualSampleEntrySize, 'hvcC');
  const fields = new BoxFields(data, hvcC);
  const general = fields.uint8(1);
  const space = ['', 'A', 'B', 'C'][general >> 6] ?? '';
  const tier = general & 0x20 ? 'H' : 'L';
  const compatibility = reverseBits(fields.uint32(2)).toString(16);
  const constraints = [...data.subarray(hvcC.body + 6, hvcC.body + 12)];
  while (constraints.at(-1) === 0) constraints.pop();
  const level = fields.uint8(12);
  const parts = [entry.type, `${space}${general & 0x1f}`, compatibility, `${tier}${level}`];
  return [...parts, ...constraints.map((byte) => byte.toString(16))].join('.');
}

function reverseBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit += 1) reversed = ((reversed << 1) | ((value >>> bit) & 1)) >>> 0;
  return reversed;
}

/** ISO/IEC 14496-1, section 7.2.6: ES_Descriptor, DecoderConfigDescriptor, DecoderSpecificInfo. */
function mp4aString(data: Uint8Array, entry: Box): string {
  const esds = entryBox(data, entry, audioSampleEntrySize, 'esds');
  // After version and flags: ES_Descriptor (0x03) with ES_ID and flags.
  const es = readDescriptor(data, esds.body + 4, 0x03);
  const flags = data[es + 2] ?? 0;
  let at = es + 3;
  if (flags & 0x80) at += 2;
  if (flags & 0x40) at += 1 + (data[at] ?? 0);
  if (flags & 0x20) at += 2;
  const config = readDescriptor(data, at, 0x04);
  const objectType = data[config] ?? 0;
  const specific = readDescriptor(data, config + 13, 0x05);
  const first = data[specific] ?? 0;
  const second = data[specific + 1] ?? 0;
  // AudioSpecificConfig (ISO/IEC 14496-3, section 1.6.2.1): 5 bits, or an escape of 31 and 6 more.
  const audioObjectType = first >> 3 === 31 ? 32 + (((first & 7) << 3) | (second >> 5)) : first >> 3;
  return `mp4a.${objectType.toString(16)}.${audioObjectType}`;
}

/** Where the payload of the descriptor at `at` starts. Its length is written in up to four bytes of seven bits. */
function readDescriptor(data: Uint8Array, at: number, tag: number): number {
  if (data[at] !== tag) throw malformed(`'esds' holds descriptor ${data[at]} where ${tag} is expected`);
  let next = at + 1;
  while (next < at + 4 && (data[next] ?? 0) & 0x80) next += 1;
  return next + 1;
}

function entryBox(data: Uint8Array, entry: Box, prefix: number, type: string): Box {
  for (const box of iterateBoxes(data, entry.body + prefix, entry.end)) {
    if (box.type === type) return box;
  }
  throw malformed(`the sample entry ${shownType(entry.type)} has no '${type}'`);
}
