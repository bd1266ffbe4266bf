import type { ServeConfig } from '../../core/base/config/serve-schema/serve-config.ts';
import { errorTable } from '../../core/base/error-table.ts';
import { errorMessage, FastVideoError } from '../../core/base/errors.ts';
import type { Logger } from '../../core/base/log.ts';
import { checkWritableFolder } from '../../core/base/writable-folder.ts';
import { checkModel } from '../../core/generators/check-model.ts';
import { resolveBackend } from '../../core/generators/create-generator.ts';
import { knownLimits } from '../../core/generators/program/known-limits.ts';
import { checkWithPackage } from '../../core/generators/program/package-check.ts';
import { type LimitedRequest, limitProblem } from '../../core/generators/request-limits.ts';
import { checkFfmpegBinary } from '../../core/media/ffmpeg/binary.ts';
import { enhancerFromConfig } from '../../core/prompts/enhancer-from-config.ts';
import { checkSafetyFiles } from '../../core/safety/safety-from-config.ts';
import { findPage } from '../../core/server/http/page.ts';
import { findRecordings } from '../../core/server/recording/recording.ts';
import type { StoreLocation } from '../../core/sessions/stores/open-stores.ts';
import { jobPlace } from './build-jobs.ts';
import { buildPresets } from './build-presets.ts';
import { describeEncoder } from './describe-encoder.ts';
import type { RecordingOptions } from './open-recordings.ts';
import type { ServerCommand } from './server-command-options.ts';

interface StartToCheck {
  readonly command: ServerCommand;
  readonly config: ServeConfig;
  readonly storeLocation: StoreLocation;
  readonly recording: RecordingOptions;
  readonly logger: Logger;
}

/**
 * What a start checks, for `--check`: every file, folder, key and program that the config names. Loads no model, makes
 * no folder, asks nothing of the network. Throws every problem in one error, one a line.
 */
export async function checkStart(start: StartToCheck): Promise<void> {
  const problems: FastVideoError[] = [];
  for (const check of checks) {
    try {
      await check(start);
    } catch (error) {
      if (!(error instanceof FastVideoError)) throw error;
      problems.push(error);
    }
  }
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1) throw first;
  const settings = problems.every(({ entry }) => entry.exitCode === errorTable.config_invalid.exitCode);
  const code = settings ? 'config_invalid' : 'start_failed';
  throw new FastVideoError(code, problems.map(errorMessage).join('\n'), { cause: first });
}

const checks: readonly ((start: StartToCheck) => Promise<void>)[] = [
  async ({ command, config }) => {
    if (command !== 'serve') return;
    await checkModel(config.generator, process.env);
    await checkWithPackage(config, process.env);
  },
  async ({ command, config }) => {
    const { generator, default_request: request } = config;
    if (command === 'mock' || resolveBackend(generator.model_path, generator.backend) !== 'python') return;
    const problem = limitProblem(usualRequest(request.sampling), await knownLimits(generator));
    if (problem !== undefined) {
      throw new FastVideoError('config_invalid', `default_request.sampling.${problem}.`);
    }
  },
  async ({ config }) => {
    await describeEncoder(config);
    const { width, height } = config.default_request.sampling;
    checkFfmpegBinary(config.streaming.encoder.ffmpeg_path, width * height);
  },
  async ({ storeLocation }) => {
    if (storeLocation.kind !== 'file') return;
    await checkWritableFolder(storeLocation.directory, 'Sessions (streaming.store)');
  },
  async ({ command, config }) => {
    const { directory, temporary } = jobPlace(command, config);
    if (!temporary) await checkWritableFolder(directory, 'Jobs (jobs.queue, or server.output_dir)');
  },
  async ({ command, config, logger }) => {
    const { enhancer } = await enhancerFromConfig(config.streaming.prompt, process.env, logger, {
      // `mock` writes prompts by itself.
      ...(command === 'mock' ? { providers: [] } : {}),
    });
    await enhancer?.close();
  },
  async ({ config }) => checkSafetyFiles(config.streaming.safety),
  async ({ config: { streaming } }) => {
    const folder = streaming.session_log_dir;
    if (folder !== undefined) await checkWritableFolder(folder, 'Session logs (streaming.session_log_dir)');
  },
  async ({ config }) => void (await buildPresets(config)),
  async ({ config: { server }, logger }) => {
    const { static_dir: staticDirectory } = server;
    if (staticDirectory !== undefined) await findPage({ playgroundDirectory: '', staticDirectory, logger });
  },
  async ({ recording: { record, replay }, logger }) => {
    if (record !== undefined) await checkWritableFolder(record, 'Recordings (--record)');
    if (replay !== undefined) await findRecordings(replay, logger);
  },
];

function usualRequest({
  width,
  height,
  seed,
  num_frames: numFrames,
  num_inference_steps: numInferenceSteps,
}: ServeConfig['default_request']['sampling']): LimitedRequest {
  return { width, height, seed, numFrames, numInferenceSteps };
}
