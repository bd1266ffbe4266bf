import type { AdapterSelection } from '../../generators/adapters/selection.ts';
import { createGenerator, resolveBackend } from '../../generators/create-generator.ts';
import type { GenerationRequest, Generator, GeneratorInfo } from '../../generators/generator.ts';
import { programCommand } from '../../generators/program/program-command.ts';
import { ProgramGenerator } from '../../generators/program/program-generator.ts';
import {
  type StartSettings,
  WorkerProcess,
  type WorkerProcessOptions,
} from '../../generators/program/worker-process.ts';
import { createEncoders } from '../../media/create-encoders.ts';
import type { RunSignals, SegmentRequest, SegmentRun } from '../pool.ts';
import { SegmentMaker } from '../segment-maker.ts';
import { encoderSettings, encodersOptions } from './encoder-settings.ts';
import { segmentRun } from './segment-events.ts';

/** What makes the segments in a worker process. */
export interface SegmentWorker {
  readonly info: GeneratorInfo;
  /** What encodes, in words; undefined where that is not known. */
  readonly encoder: string | undefined;
  begin(request: SegmentRequest, signals: RunSignals): Promise<SegmentRun>;
  /** Makes the runs after this one with these adapters and no others. Where it throws none is applied. */
  adapt(selection: AdapterSelection): Promise<void>;
  /** Keeps an encoder ready for a picture of this size. */
  warm(picture: Pick<GenerationRequest, 'width' | 'height' | 'fps'>): void;
  close(): Promise<void>;
}

/** A program is waited for by the server, which knows the time-outs; this one only has to be longer than any. */
const programStartTimeoutMs = 24 * 3600 * 1000;
/** Runs are limited by the server, too: it kills this process and the program with it. */
const programStopRunGraceMs = 24 * 3600 * 1000;
/** A Python process may hold its lock for long while it compiles a model. */
const programHeartbeat = { intervalMs: 10_000, allowed: 12 };

/**
 * Loads the model of a `start` message. Throws `start_failed`, and the signal's reason when that aborts before the
 * model is there: a program that was being started has ended then. `onDeath` is called when its program dies later.
 */
export async function createSegmentWorker(
  start: StartSettings,
  onDeath: (how: string) => void,
  signal: AbortSignal,
): Promise<SegmentWorker> {
  const { model_path: modelPath, backend: asked } = start.generator;
  const backend = resolveBackend(modelPath, asked);
  if (backend === 'onnx' || backend === 'mock') {
    const { sleep_ms: sleepMs, audio } = start.mock;
    return await encodingWorker(start, await createGenerator({ backend, mock: { sleepMs, audio } }));
  }
  const { name, command, env } = programCommand(backend, modelPath, process.env);
  const options: WorkerProcessOptions = {
    name,
    command,
    // It stays in the group of this process: whoever kills the group ends both.
    ownGroup: false,
    env: { ...process.env, ...env },
    start: backend === 'python' ? { ...start, window_bytes: frameWindow(start) } : start,
    startTimeoutMs: programStartTimeoutMs,
    stopRunGraceMs: programStopRunGraceMs,
    heartbeat: programHeartbeat,
    onStderr: (line) => process.stderr.write(`${line}\n`),
    onNotice: (notice) => process.stderr.write(`${notice}\n`),
  };
  const program = await WorkerProcess.start(options, signal);
  void program.exited.then((how) => onDeath(program.describeDeath(how)));
  if (program.hello.output === 'frames') return await encodingWorker(start, new ProgramGenerator(program));
  return {
    info: program.hello.info,
    encoder: program.hello.encoder,
    begin: async (request, signals) => segmentRun(await program.run(request, signals)),
    adapt: (selection) => program.adapt({ now: () => selection, refused: () => {} }),
    warm() {},
    close: () => program.stop(),
  };
}

/** FastVideo gives raw frames: one is written while the one before is encoded. */
function frameWindow({ usual_request: { width, height }, window_bytes }: StartSettings): number {
  return Math.max(window_bytes, 2 * width * height * 3);
}

async function encodingWorker(start: StartSettings, generator: Generator): Promise<SegmentWorker> {
  // It stays in the group of this process, as a program does.
  const encoders = await createEncoders({ ...encodersOptions(start.encoder), ownGroup: false });
  const maker = new SegmentMaker(generator, encoders, encoderSettings(start.encoder));
  return {
    info: generator.info,
    encoder: encoders.description,
    begin: async (request, signals) => maker.begin(request, signals),
    adapt: async (selection) => await generator.adapt?.(selection),
    warm: (picture) => maker.warm(picture),
    async close() {
      await encoders.fragments.close();
      await encoders.jpegs.close();
      await generator.close();
    },
  };
}
