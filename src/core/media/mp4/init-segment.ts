import { type Box, BoxFields, childBoxes, malformed, requireBox } from './box.ts';

/** The tracks of our init segments. The timescale of the sound is its sample rate. */
export const videoTrackId = 1;
export const audioTrackId = 2;

/**
 * Puts the track of `audio`'s `moov` behind the track of `video`'s: one initialization segment for both.
 * `video` is `ftyp` + `moov` with one track; `audio` is a `moov` with one track, which gets `track_ID` 2.
 */
export function addAudioTrack(video: Uint8Array, audio: Uint8Array): Uint8Array {
  const moov = requireBox(video, 'moov');
  const audioMoov = requireBox(audio, 'moov');
  const trak = copyOf(audio, requireBox(audio, 'trak', audioMoov));
  const trex = copyOf(audio, requireBox(audio, 'mvex/trex', audioMoov));
  writeTrackId(trak, requireBox(trak, 'trak/tkhd'));
  writeTrexTrackId(trex);

  const lastTrak = [...childBoxes(video, moov)].findLast((box) => box.type === 'trak');
  const parts = [...childBoxes(video, moov)].flatMap((box) => {
    const own = copyOf(video, box);
    if (box.start === lastTrak?.start) return [own, trak];
    if (box.type !== 'mvex') return [own];
    addToSize(own, trex.length);
    return [own, trex];
  });
  const body = Buffer.concat(parts);
  const header = copyOf(video, { start: moov.start, end: moov.body });
  addToSize(header, trak.length + trex.length);
  const init = Buffer.concat([video.subarray(0, moov.start), header, body]);
  writeNextTrackId(init, audioTrackId + 1);
  return init;
}

/** Not by `slice`, which of a `Buffer` gives a view. */
function copyOf(data: Uint8Array, { start, end }: Pick<Box, 'start' | 'end'>): Uint8Array {
  return new Uint8Array(data.subarray(start, end));
}

/** Of a box with a 32-bit size, which all of a `moov` have that an encoder writes. */
function addToSize(box: Uint8Array, bytes: number): void {
  const view = new DataView(box.buffer, box.byteOffset, box.byteLength);
  const size = view.getUint32(0);
  if (size === 1) throw malformed('a box of an initialization segment has a 64-bit size');
  view.setUint32(0, size + bytes);
}

/** `tkhd.track_ID` (ISO/IEC 14496-12, section 8.3.2) stands behind two times of 4 or, in version 1, 8 bytes. */
function writeTrackId(data: Uint8Array, tkhd: Box): void {
  const fields = new BoxFields(data, tkhd);
  const times = fields.uint8(0) === 1 ? 16 : 8;
  fields.setUint32(4 + times, audioTrackId);
}

/** `trex.track_ID` (section 8.8.3) is its first field. */
function writeTrexTrackId(trex: Uint8Array): void {
  new BoxFields(trex, requireBox(trex, 'trex')).setUint32(4, audioTrackId);
}

/** `mvhd.next_track_ID` (section 8.2.2) is its last field. */
function writeNextTrackId(data: Uint8Array, id: number): void {
  const mvhd = new BoxFields(data, requireBox(data, 'moov/mvhd'));
  mvhd.setUint32(mvhd.length - 4, id);
}
