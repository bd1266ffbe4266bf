import { type Box, childBoxes, malformed, requireBox, viewOf } from '../../media/mp4/box.ts';

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
  viewOf(moof).setUint32(requireBox(moof, 'moof/mfhd').body + versionAndFlags, sequenceNumber >>> 0);
}

function readTfhd(data: Uint8Array, box: Box): { trackId: number; sampleDuration: number | undefined } {
  const view = viewOf(data);
  const flags = readFlags(data, box);
  let at = box.body + versionAndFlags;
  const trackId = view.getUint32(at);
  at += 4;
  if (flags & flagBaseDataOffset) at += 8;
  if (flags & flagSampleDescriptionIndex) at += 4;
  return { trackId, sampleDuration: flags & flagDefaultSampleDuration ? view.getUint32(at) : undefined };
}

function readTfdt(data: Uint8Array, box: Box): number {
  const view = viewOf(data);
  const at = box.body + versionAndFlags;
  return view.getUint8(box.body) === 1 ? Number(view.getBigUint64(at)) : view.getUint32(at);
}

function writeTfdt(data: Uint8Array, box: Box, start: number): void {
  const view = viewOf(data);
  const at = box.body + versionAndFlags;
  if (view.getUint8(box.body) === 1) view.setBigUint64(at, BigInt(start));
  else if (start <= 0xffffffff) view.setUint32(at, start);
  else throw malformed(`the film is too long for the server's 32-bit 'tfdt' at ${start} ticks`);
}

function runDuration(data: Uint8Array, box: Box, sampleDuration: number): number {
  const view = viewOf(data);
  const flags = readFlags(data, box);
  const sampleCount = view.getUint32(box.body + versionAndFlags);
  if ((flags & flagSampleDuration) === 0) return sampleCount * sampleDuration;
  let at = box.body + versionAndFlags + 4;
  if (flags & flagDataOffset) at += 4;
  if (flags & flagFirstSampleFlags) at += 4;
  const stride = otherSampleFields.reduce((bytes, flag) => bytes + (flags & flag ? 4 : 0), 4);
  if (at + sampleCount * stride > box.end) {
    throw malformed(`'trun' is too short for its ${sampleCount} samples`);
  }
  let duration = 0;
  for (let sample = 0; sample < sampleCount; sample += 1) duration += view.getUint32(at + sample * stride);
  return duration;
}

function readFlags(data: Uint8Array, box: Box): number {
  return viewOf(data).getUint32(box.body) & 0xffffff;
}
