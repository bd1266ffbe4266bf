import { isatty } from 'node:tty';
import { FastVideoError, systemErrorCode } from '../core/base/errors.ts';
import { stopSignal } from '../core/base/signals.ts';
import { checkPreset } from '../core/client/check-preset.ts';
import {
  checkContinuation,
  readContinuation,
  readImage,
  writeContinuation,
} from '../core/client/start-files.ts';
import { streamFilm } from '../core/client/stream-film.ts';
import { readStreamOptions } from '../core/client/stream-options.ts';
import { StreamReport } from '../core/client/stream-report.ts';
import type { ContinuationState } from '../core/protocol/continuation-state.ts';
import type { CommandHandler } from './command-definition.ts';
import { openMediaOutput } from './pipe/media-output.ts';
import { refuseFolderOnStdin } from './pipe/prompt-lines.ts';
import { readLines } from './pipe/read-lines.ts';

export const run: CommandHandler['run'] = async (options, args, { exitNow }) => {
  const { url, apiKey, reconnectSeconds, ...asked } = readStreamOptions(options, process.env);
  const saveTo = asked.saveContinuation ?? asked.continuation;
  if (args.length === 0) refuseFolderOnStdin();
  const request = {
    ...asked,
    preset: asked.preset,
    negativePrompt: asked.negativePrompt,
    seed: asked.seed,
    segments: asked.segments,
    target: { url, apiKey },
    image: asked.image === undefined ? undefined : await readImage(asked.image),
    state: asked.continuation === undefined ? undefined : await readContinuation(asked.continuation),
    wantState: saveTo !== undefined,
    reconnectMs: reconnectSeconds * 1000,
  };
  if (saveTo !== undefined) await checkContinuation(saveTo);
  const output = await openMediaOutput(asked.output, [
    { name: 'stdin', file: 0 },
    { name: '--image', file: asked.image },
    { name: '--continuation', file: asked.continuation },
    { name: '--save-continuation', file: asked.saveContinuation },
  ]);
  if (args.length === 0 && !asked.json && isatty(0))
    process.stderr.write('Type prompts, one a line; Ctrl-D ends the film.\n');
  const report = await StreamReport.start({ json: asked.json, output: output.path });
  const interrupt = new AbortController();
  const stop = stopSignal(exitNow);
  void stop.received.then(() => interrupt.abort(new FastVideoError('interrupted')));
  let lastState: ContinuationState | undefined;
  try {
    if (asked.preset !== undefined) await checkPreset(asked.preset, request.target, interrupt.signal);
    await streamFilm(request, {
      prompts: args.length > 0 ? args.values() : readLines(process.stdin),
      write: (bytes) => output.write(bytes),
      observer: report,
      signal: interrupt.signal,
      onState: (state) => {
        lastState = state;
      },
    });
    report.done();
    return 0;
  } catch (error) {
    // Whoever read our output has what it wanted.
    if (systemErrorCode(error) === 'EPIPE') return 0;
    throw error;
  } finally {
    stop.dispose();
    report.stop();
    await output.close();
    if (saveTo !== undefined && lastState) await writeContinuation(saveTo, lastState);
  }
};
