import { spawn } from 'node:child_process';
import { planEncode } from '../encode-plan.ts';
import type { EncodeOptions, EncoderOutput } from '../encoder.ts';
import { FragmentInterleaver } from '../fragment-interleaver.ts';
import { mimeType } from '../mp4/codec-string.ts';
import { readTfdt, readTruns } from '../mp4/fragment.ts';
import { videoArguments } from './arguments.ts';
import { startFailure, videoBinary } from './binary.ts';
import { exitFailure } from './process.ts';
import { readTrack } from './read-track.ts';

export type RawInputOutput =
  | Extract<EncoderOutput, { type: 'init' | 'media' }>
  /** Comes last: the whole frames that were encoded, and the bytes of a last one that is not whole. */
  | { readonly type: 'end'; readonly frames: number; readonly restBytes: number };

interface InputEnd {
  readonly startError?: Error;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

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
  // In a process group of its own: a Ctrl-C at the terminal is for us, who then end it in order.
  const child = spawn(path, videoArguments(plan), {
    stdio: [descriptor, 'pipe', 'pipe'],
    detached: true,
  });
  const ended = new Promise<InputEnd>((resolve) => {
    child.once('error', (error) => resolve({ startError: error, code: null, signal: null }));
    child.once('close', (code, exitSignal) => resolve({ code, signal: exitSignal }));
  });
  const { stdout, stderr } = child;
  // Out of descriptors, Node gives a child that has no pipes.
  if (!stdout || !stderr) throw startFailure(path, (await ended).startError ?? new Error('it has no pipes'));
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4096);
  });
  const kill = () => child.kill('SIGKILL');
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
    for await (const event of readTrack(stdout)) {
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
    const { startError, code, signal: exitSignal } = await ended;
    signal.throwIfAborted();
    if (startError) throw startFailure(path, startError);
    if (!interleaver.isEmpty) yield take();
    const rest = cutOff.exec(said);
    if (code !== 0 && !rest) throw exitFailure(path, code, exitSignal, said);
    yield { type: 'end', frames: framesSent, restBytes: Number(rest?.[1] ?? rest?.[2] ?? 0) };
  } finally {
    signal.removeEventListener('abort', kill);
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) kill();
    stdout.destroy();
    await ended;
  }
}
