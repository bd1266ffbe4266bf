import { type Box, BoxFields, childBoxes, flagsOf, malformed, requireBox } from './box.ts';

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

function firstTraf(data: Uint8Array): Box {
  return requireBox(data, 'moof/traf');
}

/** `mfhd.sequence_number` (ISO/IEC 14496-12, section 8.8.5) of the first movie fragment in `data`. */
export function readMfhd(data: Uint8Array): number {
  return new BoxFields(data, requireBox(data, 'moof/mfhd')).uint32(versionAndFlags);
}

export function writeMfhd(data: Uint8Array, sequenceNumber: number): void {
  new BoxFields(data, requireBox(data, 'moof/mfhd')).setUint32(versionAndFlags, sequenceNumber >>> 0);
}

/** `tfhd.track_ID` (section 8.8.7) of a track fragment; default: the first one. */
export function readTfhd(data: Uint8Array, traf = firstTraf(data)): number {
  return new BoxFields(data, requireBox(data, 'tfhd', traf)).uint32(versionAndFlags);
}

export function writeTfhd(data: Uint8Array, trackId: number): void {
  new BoxFields(data, requireBox(data, 'moof/traf/tfhd')).setUint32(versionAndFlags, trackId);
}

/** `tfdt.baseMediaDecodeTime` (section 8.8.12) of a track fragment (default: the first), in ticks of the track's timescale. */
export function readTfdt(data: Uint8Array, traf = firstTraf(data)): number {
  const tfdt = new BoxFields(data, requireBox(data, 'tfdt', traf));
  return tfdt.uint8(0) === 1 ? tfdt.uint64(versionAndFlags) : tfdt.uint32(versionAndFlags);
}

/** Throws `encoder_failed` when the time does not fit the box: version 0 ends at 2^32 - 1. */
export function writeTfdt(data: Uint8Array, baseMediaDecodeTime: number): void {
  const tfdt = new BoxFields(data, requireBox(data, 'moof/traf/tfdt'));
  if (tfdt.uint8(0) === 1) tfdt.setUint64(versionAndFlags, baseMediaDecodeTime);
  else if (baseMediaDecodeTime <= 0xffffffff) tfdt.setUint32(versionAndFlags, baseMediaDecodeTime);
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
  const trun = new BoxFields(data, box);
  const flags = flagsOf(trun);
  const sampleCount = trun.uint32(versionAndFlags);
  if ((flags & flagSampleDuration) === 0) {
    const sampleDuration = defaultSampleDuration(data, traf);
    return {
      sampleCount,
      duration: sampleDuration === undefined ? undefined : sampleDuration * sampleCount,
    };
  }
  let at = versionAndFlags + 4;
  if (flags & flagDataOffset) at += 4;
  if (flags & flagFirstSampleFlags) at += 4;
  const perSample = [flagSampleDuration, flagSampleSize, flagSampleFlags, flagSampleCompositionOffset];
  const stride = perSample.reduce((bytes, flag) => bytes + (flags & flag ? 4 : 0), 0);
  if (at + sampleCount * stride > trun.length)
    throw malformed(`'trun' is too short for its ${sampleCount} samples`);
  let duration = 0;
  for (let sample = 0; sample < sampleCount; sample += 1) duration += trun.uint32(at + sample * stride);
  return { sampleCount, duration };
}

function defaultSampleDuration(data: Uint8Array, traf: Box): number | undefined {
  const tfhd = new BoxFields(data, requireBox(data, 'tfhd', traf));
  const flags = flagsOf(tfhd);
  if ((flags & flagDefaultSampleDuration) === 0) return undefined;
  let at = versionAndFlags + 4;
  if (flags & flagBaseDataOffset) at += 8;
  if (flags & flagSampleDescriptionIndex) at += 4;
  return tfhd.uint32(at);
}
