import { type Box, childBoxes, requireBox, viewOf } from './box.ts';

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
  const header = video.slice(moov.start, moov.body);
  addToSize(header, trak.length + trex.length);
  const init = Buffer.concat([video.subarray(0, moov.start), header, body]);
  writeNextTrackId(init, audioTrackId + 1);
  return init;
}

function copyOf(data: Uint8Array, box: Box): Uint8Array {
  return data.slice(box.start, box.end);
}

function addToSize(box: Uint8Array, bytes: number): void {
  const view = viewOf(box);
  view.setUint32(0, view.getUint32(0) + bytes);
}

/** `tkhd.track_ID` (ISO/IEC 14496-12, section 8.3.2) stands behind two times of 4 or, in version 1, 8 bytes. */
function writeTrackId(data: Uint8Array, tkhd: Box): void {
  const view = viewOf(data);
  const times = view.getUint8(tkhd.body) === 1 ? 16 : 8;
  view.setUint32(tkhd.body + 4 + times, audioTrackId);
}

/** `trex.track_ID` (section 8.8.3) is its first field. */
function writeTrexTrackId(trex: Uint8Array): void {
  viewOf(trex).setUint32(8 + 4, audioTrackId);
}

/** `mvhd.next_track_ID` (section 8.2.2) is its last field. */
function writeNextTrackId(data: Uint8Array, id: number): void {
  viewOf(data).setUint32(requireBox(data, 'moov/mvhd').end - 4, id);
}
