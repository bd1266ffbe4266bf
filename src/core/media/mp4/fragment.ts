import { type Box, childBoxes, malformed, requireBox, viewOf } from './box.ts';

/** A movie fragment with its media. */
export interface Fragment {
  readonly moof: Uint8Array;
  readonly mdat: Uint8Array;
}

/** Bytes of a FullBox's version and flags. */
const versionAndFlags = 4;
const flagDataOffset = 0x000001;
const flagFirstSampleFlags = 0x000004;
const flagSampleDuration = 0x000100;
const flagSampleSize = 0x000200;
const flagSampleFlags = 0x000400;
const flagSampleCompositionOffset = 0x000800;
const flagBaseDataOffset = 0x000001;
const flagSampleDescriptionIndex = 0x000002;
const flagDefaultSampleDuration = 0x000008;

/** Flags of a FullBox: the low 24 bits after its version. */
function readFlags(data: Uint8Array, box: Box): number {
  return viewOf(data).getUint32(box.body) & 0xffffff;
}

function firstTraf(data: Uint8Array): Box {
  return requireBox(data, 'moof/traf');
}

/** `mfhd.sequence_number` (ISO/IEC 14496-12, section 8.8.5) of the first movie fragment in `data`. */
export function readMfhd(data: Uint8Array): number {
  return viewOf(data).getUint32(requireBox(data, 'moof/mfhd').body + versionAndFlags);
}

export function writeMfhd(data: Uint8Array, sequenceNumber: number): void {
  viewOf(data).setUint32(requireBox(data, 'moof/mfhd').body + versionAndFlags, sequenceNumber >>> 0);
}

/** `tfhd.track_ID` (section 8.8.7) of a track fragment; default: the first one. */
export function readTfhd(data: Uint8Array, traf = firstTraf(data)): number {
  return viewOf(data).getUint32(requireBox(data, 'tfhd', traf).body + versionAndFlags);
}

export function writeTfhd(data: Uint8Array, trackId: number): void {
  viewOf(data).setUint32(requireBox(data, 'moof/traf/tfhd').body + versionAndFlags, trackId);
}

/** `tfdt.baseMediaDecodeTime` (section 8.8.12) of a track fragment (default: the first), in ticks of the track's timescale. */
export function readTfdt(data: Uint8Array, traf = firstTraf(data)): number {
  const box = requireBox(data, 'tfdt', traf);
  const view = viewOf(data);
  const version = view.getUint8(box.body);
  const at = box.body + versionAndFlags;
  return version === 1 ? Number(view.getBigUint64(at)) : view.getUint32(at);
}

/** Throws `encoder_failed` when the time does not fit the box: version 0 ends at 2^32 - 1. */
export function writeTfdt(data: Uint8Array, baseMediaDecodeTime: number): void {
  const box = requireBox(data, 'moof/traf/tfdt');
  const view = viewOf(data);
  const at = box.body + versionAndFlags;
  if (view.getUint8(box.body) === 1) view.setBigUint64(at, BigInt(baseMediaDecodeTime));
  else if (baseMediaDecodeTime <= 0xffffffff) view.setUint32(at, baseMediaDecodeTime);
  else throw malformed(`a decode time of ${baseMediaDecodeTime} does not fit a 32-bit 'tfdt'`);
}

/** What the `trun`s (section 8.8.8) of a track fragment say, with `tfhd`'s default where they leave the duration out. */
export interface TrackRun {
  readonly sampleCount: number;
  /** Ticks of all samples together; undefined where the default stands in `trex` only. */
  readonly duration: number | undefined;
}

/** All runs of a track fragment (default: the first) together. */
export function readTruns(data: Uint8Array, traf = firstTraf(data)): TrackRun {
  let sampleCount = 0;
  let duration: number | undefined = 0;
  for (const box of childBoxes(data, traf)) {
    if (box.type !== 'trun') continue;
    const run = readTrun(data, box, traf);
    sampleCount += run.sampleCount;
    duration = run.duration === undefined || duration === undefined ? undefined : duration + run.duration;
  }
  return { sampleCount, duration };
}

function readTrun(data: Uint8Array, box: Box, traf: Box): TrackRun {
  const view = viewOf(data);
  const flags = readFlags(data, box);
  const sampleCount = view.getUint32(box.body + versionAndFlags);
  if ((flags & flagSampleDuration) === 0) {
    const sampleDuration = defaultSampleDuration(data, traf);
    return {
      sampleCount,
      duration: sampleDuration === undefined ? undefined : sampleDuration * sampleCount,
    };
  }
  let at = box.body + versionAndFlags + 4;
  if (flags & flagDataOffset) at += 4;
  if (flags & flagFirstSampleFlags) at += 4;
  const perSample = [flagSampleDuration, flagSampleSize, flagSampleFlags, flagSampleCompositionOffset];
  const stride = perSample.reduce((bytes, flag) => bytes + (flags & flag ? 4 : 0), 0);
  if (at + sampleCount * stride > box.end)
    throw malformed(`'trun' is too short for its ${sampleCount} samples`);
  let duration = 0;
  for (let sample = 0; sample < sampleCount; sample += 1) duration += view.getUint32(at + sample * stride);
  return { sampleCount, duration };
}

function defaultSampleDuration(data: Uint8Array, traf: Box): number | undefined {
  const box = requireBox(data, 'tfhd', traf);
  const flags = readFlags(data, box);
  if ((flags & flagDefaultSampleDuration) === 0) return undefined;
  let at = box.body + versionAndFlags + 4;
  if (flags & flagBaseDataOffset) at += 8;
  if (flags & flagSampleDescriptionIndex) at += 4;
  return viewOf(data).getUint32(at);
}
