import type { Track } from './track.ts';

/** Samples of an AAC-LC frame (ISO/IEC 14496-3, section 4.5.1.1). */
const samplesPerFrame = 1024;

/** `raw_data_block`s of AAC-LC whose spectrum is all zero, by the number of channels. */
const silentFrames: Readonly<Record<number, readonly number[]>> = {
  1: [0x00, 0xc8, 0x00, 0x80, 0x23, 0x80],
  2: [0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80],
};

/** Where the fields of the first entry lie in `stsd` (ISO/IEC 14496-12, section 12.2.3). */
const entryType = 12;
const channelCount = 32;
const sampleRate = 40;

const moofSize = 8 + 16 + 8 + 24 + 20 + 20;
const defaultBaseIsMoof = 0x020000;
const defaultDurationAndSize = 0x000018;
const dataOffset = 0x000001;

/** Silence that fills a gap of the sound with whole frames. */
export interface Silence {
  /** `moof` and `mdat`. */
  readonly data: Uint8Array;
  /** In ticks of the track. */
  readonly duration: number;
}

/** As many silent frames as fit into `gap`, from `start` on, both in ticks; undefined for sound of another kind than AAC. */
export function silence(track: Track, start: number, gap: number): Silence | undefined {
  const { descriptions, timescale } = track;
  if (descriptions.length < sampleRate + 4) return undefined;
  const fields = new DataView(descriptions.buffer, descriptions.byteOffset, descriptions.byteLength);
  const isAac = fields.getUint32(entryType) === fourCharacters('mp4a');
  const frame = silentFrames[fields.getUint16(channelCount)];
  const frameTicks = (samplesPerFrame * timescale) / fields.getUint16(sampleRate);
  if (!isAac || !frame || !Number.isInteger(frameTicks)) return undefined;
  const frames = Math.floor(gap / frameTicks);
  if (frames < 1) return undefined;
  return { data: fragment(track.id, start, frames, frameTicks, frame), duration: frames * frameTicks };
}

function fragment(
  trackId: number,
  start: number,
  frames: number,
  frameTicks: number,
  frame: readonly number[],
): Uint8Array {
  const data = new Uint8Array(moofSize + 8 + frames * frame.length);
  const view = new DataView(data.buffer);
  let at = 0;
  const uint32 = (...values: readonly number[]) => {
    for (const value of values) {
      view.setUint32(at, value);
      at += 4;
    }
  };
  const box = (size: number, type: string) => uint32(size, fourCharacters(type));
  box(moofSize, 'moof');
  box(16, 'mfhd');
  // The sequence number is written where the fragment is put into the film.
  uint32(0, 0);
  box(moofSize - 24, 'traf');
  box(24, 'tfhd');
  uint32(defaultBaseIsMoof | defaultDurationAndSize, trackId, frameTicks, frame.length);
  box(20, 'tfdt');
  uint32(0x01000000);
  view.setBigUint64(at, BigInt(start));
  at += 8;
  box(20, 'trun');
  uint32(dataOffset, frames, moofSize + 8);
  box(8 + frames * frame.length, 'mdat');
  for (let index = 0; index < frames; index += 1) data.set(frame, at + index * frame.length);
  return data;
}

function fourCharacters(type: string): number {
  return [...type].reduce((word, character) => word * 256 + character.charCodeAt(0), 0);
}
