import type { CodecContext } from 'node-av/lib';
import { checked } from './check.ts';
import type { Libav } from './load-libav.ts';

const ioBufferBytes = 4096;

/** `ftyp` + `moov` with the one track of an opened encoder, as ffmpeg's mp4 muxer writes them. */
export function initSegment(av: Libav, encoder: CodecContext, timescale: number): Uint8Array {
  const { lib, constants } = av;
  const written: Buffer[] = [];
  const io = new lib.IOContext();
  const muxer = new lib.FormatContext();
  try {
    io.allocContextWithCallbacks(ioBufferBytes, 1, null, (bytes) => {
      written.push(Buffer.from(bytes));
      return bytes.length;
    });
    checked(av, muxer.allocOutputContext2(null, 'mp4', null), 'open its mp4 muxer');
    muxer.pb = io;
    muxer.setFlags(constants.AVFMT_FLAG_CUSTOM_IO);
    const stream = muxer.newStream(null);
    checked(av, stream.codecpar.fromContext(encoder), 'describe the track');
    stream.timeBase = new lib.Rational(1, timescale);
    checked(av, muxer.setOption('movflags', 'empty_moov+default_base_moof'), 'set movflags');
    checked(av, muxer.setOption('video_track_timescale', timescale), 'set the timescale');
    checked(av, muxer.writeHeaderSync(), 'write the init segment');
    muxer.flushSync();
  } finally {
    // Its contexts would be given back twice with it.
    muxer.pb = null;
    muxer.freeContext();
    io.freeContext();
  }
  return Buffer.concat(written);
}
