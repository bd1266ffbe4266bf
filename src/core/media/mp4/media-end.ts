import type { Bytes } from '../../base/bytes.ts';
import { childBoxes, maxHeaderSize, readBoxSize, readType, requireBox } from './box.ts';
import { readTfdt, readTfhd, readTruns } from './fragment.ts';
import { audioTrackId, videoTrackId } from './init-segment.ts';

export interface MediaEnd {
  /** Video frames in it. */
  readonly frames: number;
  /** Where its sound ends, in samples per channel from the session's start; unset when it holds none. */
  readonly audioEnd?: number;
}

/**
 * How far one media chunk (whole `moof` + `mdat` pairs, numbered as in our init segments) brings the session. Reads
 * the headers only. Undefined, never an error, when it is no such chunk.
 */
export function mediaEnd(data: Bytes): MediaEnd | undefined {
  try {
    return readMediaEnd(data);
  } catch {
    // What the box readers throw says that it is something else, which is the answer.
    return undefined;
  }
}

function readMediaEnd(data: Bytes): MediaEnd | undefined {
  let frames = 0;
  let audioEnd: number | undefined;
  let expected = 'moof';
  for (let start = 0, end = 0; start < data.length; start = end) {
    const header = data.subarray(start, Math.min(start + maxHeaderSize, data.length));
    end = start + (readBoxSize(header, 0, header.length) ?? data.length);
    if (end > data.length || readType(header, 0) !== expected) return undefined;
    expected = expected === 'moof' ? 'mdat' : 'moof';
    if (expected === 'moof') continue;
    const moof = data.subarray(start, end);
    for (const traf of childBoxes(moof, requireBox(moof, 'moof'))) {
      if (traf.type !== 'traf') continue;
      const trackId = readTfhd(moof, traf);
      if (trackId === videoTrackId) frames += readTruns(moof, traf).sampleCount;
      else if (trackId === audioTrackId) {
        const { duration } = readTruns(moof, traf);
        if (duration === undefined) return undefined;
        audioEnd = Math.max(audioEnd ?? 0, readTfdt(moof, traf) + duration);
      }
    }
  }
  if (data.length === 0 || expected === 'mdat') return undefined;
  return audioEnd === undefined ? { frames } : { frames, audioEnd };
}
