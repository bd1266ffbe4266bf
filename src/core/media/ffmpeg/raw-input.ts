import { Child } from '../../base/child/child.ts';
import { planEncode } from '../encode-plan.ts';
import type { EncodeOptions, EncoderOutput } from '../encoder.ts';
import { FragmentInterleaver } from '../fragment-interleaver.ts';
import { mimeType } from '../mp4/codec-string.ts';
import { readTfdt, readTruns } from '../mp4/fragment.ts';
import { videoArguments } from './arguments.ts';
import { videoBinary } from './binary.ts';
import { endNow, exitFailure } from './process.ts';
import { readTrack } from './read-track.ts';

export type RawInputOutput =
  | Extract<EncoderOutput, { type: 'init' | 'media' }>
  /** Comes last: the whole frames that were encoded, and the bytes of a last one that is not whole. */
  | { readonly type: 'end'; readonly frames: number; readonly restBytes: number };

/** How ffmpeg's rawvideo decoder tells of a frame that is cut off, in every version from 3 to 8. */
const cutOff = /packet size (\d+) < expected frame_size|Packet too small \((\d+)\)/;

/**
 * Encodes raw RGB24 frames that ffmpeg itself reads from a descriptor of ours: no byte of them passes through this
 * process, which costs less than half. Throws `encoder_failed`, and the signal's reason when it aborts.
 */
export async function* encodeRawInput(
  descriptor: number,
  options: EncodeOptions,
  { ffmpegPath, signal }: { readonly ffmpegPath?: string | undefined; readonly signal: AbortSignal },
): AsyncGenerator<RawInputOutput, void, undefined> {
  const plan = planEncode(options);
  const path = videoBinary(ffmpegPath, plan);
  const child = new Child(path, videoArguments(plan), { stdin: descriptor });
  const kill = () => child.kill();
  signal.addEventListener('abort', kill, { once: true });

  const interleaver = new FragmentInterleaver(1);
  const framesPerChunk = (plan.fragmentDurationMs / 1000) * (plan.fps.num / plan.fps.den);
  let init: Uint8Array = new Uint8Array(0);
  let framesOut = 0;
  let framesSent = 0;
  const take = (): RawInputOutput => {
    const frames = framesOut - framesSent;
    framesSent = framesOut;
    return { type: 'media', data: interleaver.take(), frames, timeline: { videoFrames: framesSent } };
  };
  try {
    for await (const event of readTrack(child.stdout)) {
      if (event.type === 'init') {
        init = event.data;
        continue;
      }
      // ffmpeg writes the init segment also when no frame comes.
      if (framesOut === 0) yield { type: 'init', data: init, mime: mimeType(init) };
      const { moof } = event.fragment;
      interleaver.addVideo(event.fragment, readTfdt(moof), plan.fps.timescale);
      framesOut += readTruns(moof).sampleCount;
      if (framesSent === 0 || framesOut - framesSent >= framesPerChunk) yield take();
    }
    const exit = await child.exited;
    signal.throwIfAborted();
    const failure = exitFailure(path, exit, child.stderr.lines);
    const rest = cutOff.exec(child.stderr.lines.join('\n'));
    if (failure && (exit.startError || !rest)) throw failure;
    if (!interleaver.isEmpty) yield take();
    yield { type: 'end', frames: framesSent, restBytes: Number(rest?.[1] ?? rest?.[2] ?? 0) };
  } finally {
    signal.removeEventListener('abort', kill);
    await endNow(child);
  }
}
