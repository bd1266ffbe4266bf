import { childBoxes, iterateBoxes } from './box.ts';
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
export function mediaEnd(data: Uint8Array): MediaEnd | undefined {
  try {
    return readMediaEnd(data);
  } catch {
    // What the box readers throw says that it is something else, which is the answer.
    return undefined;
  }
}

function readMediaEnd(data: Uint8Array): MediaEnd | undefined {
  let frames = 0;
  let audioEnd: number | undefined;
  let expected = 'moof';
  for (const box of iterateBoxes(data)) {
    if (box.type !== expected) return undefined;
    expected = box.type === 'moof' ? 'mdat' : 'moof';
    if (box.type === 'mdat') continue;
    for (const traf of childBoxes(data, box)) {
      if (traf.type !== 'traf') continue;
      const trackId = readTfhd(data, traf);
      if (trackId === videoTrackId) frames += readTruns(data, traf).sampleCount;
      else if (trackId === audioTrackId) {
        const { duration } = readTruns(data, traf);
        if (duration === undefined) return undefined;
        audioEnd = Math.max(audioEnd ?? 0, readTfdt(data, traf) + duration);
      }
    }
  }
  if (data.length === 0 || expected === 'mdat') return undefined;
  return audioEnd === undefined ? { frames } : { frames, audioEnd };
}
