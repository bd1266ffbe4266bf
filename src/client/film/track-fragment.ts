import { type Box, BoxFields, childBoxes, flagsOf, malformed, requireBox } from '../../core/media/mp4/box.ts';

/** What one `traf` of a movie fragment holds. */
export interface TrackFragment {
  readonly trackId: number;
  /** `baseMediaDecodeTime`, in ticks of the track. */
  readonly start: number;
  /** Ticks of all samples together. */
  readonly duration: number;
  /** Puts another `baseMediaDecodeTime` in. */
  moveTo(start: number): void;
}

const versionAndFlags = 4;
const flagDataOffset = 0x000001;
const flagFirstSampleFlags = 0x000004;
const flagSampleDuration = 0x000100;
/** Size, flags and composition offset of a sample, four bytes each where they are there. */
const otherSampleFields = [0x000200, 0x000400, 0x000800];
const flagBaseDataOffset = 0x000001;
const flagSampleDescriptionIndex = 0x000002;
const flagDefaultSampleDuration = 0x000008;

/** All track fragments of `moof` (ISO/IEC 14496-12, section 8.8); a server may put both tracks into one. */
export function trackFragments(
  moof: Uint8Array,
  defaultSampleDuration: (trackId: number) => number,
): TrackFragment[] {
  return [...childBoxes(moof, requireBox(moof, 'moof'))]
    .filter(({ type }) => type === 'traf')
    .map((traf) => {
      const { trackId, sampleDuration } = readTfhd(moof, requireBox(moof, 'tfhd', traf));
      const tfdt = requireBox(moof, 'tfdt', traf);
      const fallback = sampleDuration ?? defaultSampleDuration(trackId);
      const runs = [...childBoxes(moof, traf)].filter(({ type }) => type === 'trun');
      return {
        trackId,
        start: readTfdt(moof, tfdt),
        duration: runs.reduce((sum, trun) => sum + runDuration(moof, trun, fallback), 0),
        moveTo: (start) => writeTfdt(moof, tfdt, start),
      };
    });
}

/** `mfhd.sequence_number`: each fragment of a file has a higher one than those before it. */
export function writeSequenceNumber(moof: Uint8Array, sequenceNumber: number): void {
  new BoxFields(moof, requireBox(moof, 'moof/mfhd')).setUint32(versionAndFlags, sequenceNumber >>> 0);
}

function readTfhd(data: Uint8Array, box: Box): { trackId: number; sampleDuration: number | undefined } {
  const tfhd = new BoxFields(data, box);
  const flags = flagsOf(tfhd);
  const trackId = tfhd.uint32(versionAndFlags);
  let at = versionAndFlags + 4;
  if (flags & flagBaseDataOffset) at += 8;
  if (flags & flagSampleDescriptionIndex) at += 4;
  return { trackId, sampleDuration: flags & flagDefaultSampleDuration ? tfhd.uint32(at) : undefined };
}

function readTfdt(data: Uint8Array, box: Box): number {
  const tfdt = new BoxFields(data, box);
  return tfdt.uint8(0) === 1 ? tfdt.uint64(versionAndFlags) : tfdt.uint32(versionAndFlags);
}

function writeTfdt(data: Uint8Array, box: Box, start: number): void {
  const tfdt = new BoxFields(data, box);
  if (tfdt.uint8(0) === 1) tfdt.setUint64(versionAndFlags, start);
  else if (start <= 0xffffffff) tfdt.setUint32(versionAndFlags, start);
  else throw malformed(`the film is too long for the server's 32-bit 'tfdt' at ${start} ticks`);
}

function runDuration(data: Uint8Array, box: Box, sampleDuration: number): number {
  const trun = new BoxFields(data, box);
  const flags = flagsOf(trun);
  const sampleCount = trun.uint32(versionAndFlags);
  if ((flags & flagSampleDuration) === 0) return sampleCount * sampleDuration;
  let at = versionAndFlags + 4;
  if (flags & flagDataOffset) at += 4;
  if (flags & flagFirstSampleFlags) at += 4;
  const stride = otherSampleFields.reduce((bytes, flag) => bytes + (flags & flag ? 4 : 0), 4);
  if (at + sampleCount * stride > trun.length) {
    throw malformed(`'trun' is too short for its ${sampleCount} samples`);
  }
  let duration = 0;
  for (let sample = 0; sample < sampleCount; sample += 1) duration += trun.uint32(at + sample * stride);
  return duration;
}
