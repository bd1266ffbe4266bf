import { isatty } from 'node:tty';
import { FastVideoError, systemErrorCode } from '../core/base/errors.ts';
import { stopSignal } from '../core/base/signals.ts';
import type { SoundSource } from '../core/media/sound-source.ts';
import type { CommandHandler } from './command-definition.ts';
import { type EncodeCommandOptions, readEncodeOptions } from './encode/encode-command-options.ts';
import { counted, EncodeReport } from './encode/encode-report.ts';
import { encodeStdin } from './encode/encode-stdin.ts';
import { openSoundFile } from './encode/sound-file.ts';
import { type MediaOutput, openMediaOutput } from './pipe/media-output.ts';
import { refuseFolderOnStdin } from './pipe/prompt-lines.ts';

export const run: CommandHandler['run'] = async (options, _args, { exitNow }) => {
  const asked = readEncodeOptions(options);
  if (isatty(0))
    throw new FastVideoError('usage', 'stdin is a terminal; pipe raw RGB24 frames or y4m to it.');
  refuseFolderOnStdin();
  const interrupt = new AbortController();
  const { signal } = interrupt;
  const stop = stopSignal(exitNow);
  void stop.received.then(() => interrupt.abort(new FastVideoError('interrupted')));
  let sound: SoundSource | undefined;
  let output: MediaOutput | undefined;
  try {
    const { audio, rawSound: raw } = asked;
    output = await openMediaOutput(asked.output, [
      { name: 'stdin', file: 0 },
      { name: '--audio', file: audio },
    ]);
    const { ffmpegPath } = asked.encoder;
    if (audio !== undefined) sound = await openSoundFile(audio, { raw, ffmpegPath, signal });
    return await encode(asked, sound, output, signal);
  } finally {
    stop.dispose();
    await sound?.close();
    await output?.close();
  }
};

async function encode(
  asked: EncodeCommandOptions,
  sound: SoundSource | undefined,
  output: MediaOutput,
  signal: AbortSignal,
): Promise<number> {
  const report = await EncodeReport.start(asked.stats, asked.json);
  let frames = 0;
  let restBytes = 0;
  let frameBytes = 0;
  try {
    const encoding = await encodeStdin(asked, sound, signal);
    frameBytes = encoding.frameBytes;
    for await (const part of encoding.outputs) {
      if (part.type === 'end') {
        ({ frames, restBytes } = part);
        break;
      }
      if (part.type === 'media') frames += part.frames;
      await output.write(part.data);
      report.wrote(part.data.length, frames);
      if (asked.initOnly) return 0;
    }
    if (frames === 0) {
      const { width, height, isY4m } = encoding.shape;
      const what = isY4m ? ' of frames' : '';
      const came =
        restBytes === 0
          ? `Nothing${what} arrived on stdin`
          : `Only ${counted(restBytes, 'byte')}${what} arrived on stdin`;
      throw new FastVideoError(
        restBytes === 0 ? 'usage' : 'input_invalid',
        `${came}; one frame of ${width}x${height} is ${counted(frameBytes, 'byte')}.`,
      );
    }
    report.done(frames);
  } catch (error) {
    // Whoever read our output has what it wanted.
    if (systemErrorCode(error) === 'EPIPE') return 0;
    throw error;
  } finally {
    report.stopped();
  }
  if (restBytes === 0) return 0;
  const written = frames === 1 ? 'The complete frame before it was' : `The ${frames} complete frames were`;
  const message = `The last frame is incomplete: ${restBytes} of ${frameBytes} bytes arrived. ${written} written.`;
  throw new FastVideoError('input_invalid', message);
}
