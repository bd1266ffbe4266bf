import { malformed } from '../mp4/box.ts';
import { BoxSplitter } from '../mp4/box-splitter.ts';
import type { TrackEvent } from '../track-encoder.ts';

/**
 * The init segment and the fragments of ffmpeg's mp4 muxer. What else it writes (the `mfra` index at the end) is left out.
 * Throws `encoder_failed` when the boxes are not in this order.
 */
export async function* readTrack(
  output: AsyncIterable<Uint8Array>,
): AsyncGenerator<TrackEvent, void, undefined> {
  const splitter = new BoxSplitter();
  let ftyp: Uint8Array | undefined;
  let moof: Uint8Array | undefined;
  for await (const chunk of output) {
    for (const { type, data } of splitter.push(chunk)) {
      if (type === 'ftyp') ftyp = data;
      else if (type === 'moov') {
        if (!ftyp) throw malformed("'moov' comes before 'ftyp'");
        yield { type: 'init', data: Buffer.concat([ftyp, data]) };
      } else if (type === 'moof') moof = data;
      else if (type === 'mdat' && moof) {
        yield { type: 'fragment', fragment: { moof, mdat: data } };
        moof = undefined;
      }
    }
  }
}
