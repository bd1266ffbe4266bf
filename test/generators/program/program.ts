import { join } from 'node:path';
import {
  WorkerProcess,
  type WorkerProcessOptions,
} from '../../../src/core/generators/program/worker-process.ts';
import { hangLimitMs } from '../../support/hang-limit.ts';
import { repositoryRoot } from '../../support/server-process.ts';

export type TestProgram = 'frames-worker' | 'generator-worker' | 'media-worker';

export function programPath(name: TestProgram): string {
  return join(repositoryRoot, 'test/support/workers', `${name}.mjs`);
}

interface ProgramSetup
  extends Partial<Pick<WorkerProcessOptions, 'startTimeoutMs' | 'stopRunGraceMs' | 'heartbeat'>> {
  readonly args?: readonly string[];
  /** In place of the program's own. */
  readonly command?: WorkerProcessOptions['command'];
  readonly windowBytes?: number;
  readonly onNotice?: (notice: string) => void;
}

/** Starts a worker program of the tests. No time of it runs out, unless a test says so. */
export async function startProgram(
  name: TestProgram,
  {
    args = [],
    command = [process.execPath, programPath(name), ...args],
    windowBytes = 1,
    onNotice = () => {},
    ...limits
  }: ProgramSetup = {},
): Promise<WorkerProcess> {
  return await WorkerProcess.start({
    name: 'The program',
    command,
    start: {
      worker_id: 'worker-0',
      gpu_id: 0,
      generator: { model_path: `exec:${name}` },
      default_request: {},
      conditioning: { num_frames: 9, end_offset: 0, enable_audio_reencode: true },
      mock: { sleep_ms: 0, audio: true },
      encoder: { preset: 'ultrafast', pixel_format: 'yuv420p', fragment_duration_ms: 100, extra_args: [] },
      usual_request: { width: 64, height: 48, fps: 24 },
      window_bytes: windowBytes,
    },
    startTimeoutMs: hangLimitMs,
    stopRunGraceMs: hangLimitMs,
    heartbeat: { intervalMs: hangLimitMs, allowed: 20 },
    onStderr: () => {},
    onNotice,
    ...limits,
  });
}
