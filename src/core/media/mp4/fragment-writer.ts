import type { Fragment } from './fragment.ts';

/** One sample of a track. */
export interface Sample {
  /** As the track's format has it: for H.264 NAL units behind their lengths. */
  readonly data: Uint8Array;
  /** Ticks of the track's timescale. */
  readonly duration: number;
  readonly isKey: boolean;
}

const boxHeader = 8;
const mfhdSize = 16;
const tfhdSize = 16;
const tfdtSize = 20;
/** With one sample that has a duration, a size and flags. */
const trunSize = 32;
const trafSize = boxHeader + tfhdSize + tfdtSize + trunSize;
const moofSize = boxHeader + mfhdSize + trafSize;

const defaultBaseIsMoof = 0x020000;
/** Data offset, and duration, size and flags of each sample. */
const trunFlags = 0x000701;
/** `sample_depends_on` (ISO/IEC 14496-12, section 8.8.3.1): no other sample; others, and no place to begin at. */
const keyFlags = 0x02000000;
const deltaFlags = 0x01010000;

/** A fragment with one sample of track 1, without a sequence number. `time` is in ticks of the track's timescale. */
export function writeFragment({ data, duration, isKey }: Sample, time: number): Fragment {
  const moof = Buffer.alloc(moofSize);
  let at = 0;
  const uint32 = (value: number) => {
    at = moof.writeUInt32BE(value, at);
  };
  const box = (size: number, type: string) => {
    uint32(size);
    at += moof.write(type, at, 'latin1');
  };
  box(moofSize, 'moof');
  box(mfhdSize, 'mfhd');
  at += 8;
  box(trafSize, 'traf');
  box(tfhdSize, 'tfhd');
  uint32(defaultBaseIsMoof);
  uint32(1);
  box(tfdtSize, 'tfdt');
  uint32(0x01000000);
  at = moof.writeBigUInt64BE(BigInt(time), at);
  box(trunSize, 'trun');
  uint32(trunFlags);
  uint32(1);
  uint32(moofSize + boxHeader);
  uint32(duration);
  uint32(data.length);
  uint32(isKey ? keyFlags : deltaFlags);
  const mdat = Buffer.allocUnsafe(boxHeader + data.length);
  mdat.writeUInt32BE(mdat.length);
  mdat.write('mdat', 4, 'latin1');
  mdat.set(data, boxHeader);
  return { moof, mdat };
}
