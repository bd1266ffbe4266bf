import type { CodecContext } from 'node-av/lib';
import { checked } from './check.ts';
import type { Libav } from './load-libav.ts';

const ioBufferBytes = 4096;
/** Plans whose init segment is remembered. */
const mostRemembered = 64;

const remembered = new Map<string, Uint8Array>();

/**
 * `ftyp` + `moov` with the one track of an opened encoder, as ffmpeg's mp4 muxer writes them. `plan` is what the encoder
 * was opened for: it says all of it, and the wrapper loses some memory with each muxer.
 */
export function initSegment(av: Libav, plan: object, encoder: CodecContext, timescale: number): Uint8Array {
  const key = JSON.stringify(plan);
  const known = remembered.get(key);
  if (known) return known;
  const init = muxedInit(av, encoder, timescale);
  remembered.set(key, init);
  const [oldest] = remembered.keys();
  if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest);
  return init;
}

function muxedInit(av: Libav, encoder: CodecContext, timescale: number): Uint8Array {
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
