import type { ServeConfig } from '../base/config/serve-schema/serve-config.ts';
import { errorMessage } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { checkClassifierFiles } from './classifiers/open-classifier.ts';
import { classifierSettings, createSafetyFilter } from './create-safety-filter.ts';
import { unavailable } from './decisions.ts';
import type { SafetyFilter } from './safety-filter.ts';
import type { ClassifierOptions } from './safety-options.ts';

type SafetyConfig = ServeConfig['streaming']['safety'];

/**
 * The filter that `streaming.safety` asks for; undefined when it is off. Throws `config_invalid` or `start_failed` when it cannot be loaded,
 * unless `on_unavailable` is `allow`: then it says so in the log, once, and is not available to any prompt.
 */
export async function safetyFromConfig(
  safety: SafetyConfig,
  logger: Logger,
  options: { readonly program?: string } = {},
): Promise<SafetyFilter | undefined> {
  if (!safety.enabled) return undefined;
  try {
    return await createSafetyFilter({
      classifiers: classifiersOf(safety),
      timeoutMs: safety.timeout_ms,
      logger,
      program: options.program,
    });
  } catch (error) {
    if (safety.on_unavailable !== 'allow') throw error;
    logger.error(
      { error: errorMessage(error) },
      'prompts are not checked: the safety filter cannot be loaded',
    );
    return absentFilter(errorMessage(error));
  }
}

/** Throws `config_invalid` for files that `safetyFromConfig` could not load, as far as can be seen without loading them. */
export async function checkSafetyFiles(safety: SafetyConfig): Promise<void> {
  if (!safety.enabled || safety.on_unavailable === 'allow') return;
  for (const options of classifiersOf(safety)) await checkClassifierFiles(classifierSettings(options));
}

/** `classifier_path` with the keys beside it, then the list; what an entry does not say, those keys say for it. */
function classifiersOf(safety: SafetyConfig): ClassifierOptions[] {
  const { labels, threshold } = safety;
  const own: ClassifierOptions[] =
    safety.classifier_path === undefined
      ? []
      : [
          {
            path: safety.classifier_path,
            labels,
            threshold,
            sha256: safety.sha256,
            fileHashes: safety.file_hashes,
            activation: safety.activation,
            tokenizerPath: safety.tokenizer_path,
          },
        ];
  const listed = (safety.classifiers ?? []).map((entry) => ({
    path: entry.path,
    labels: entry.labels ?? labels,
    threshold: entry.threshold ?? threshold,
    sha256: entry.sha256,
    fileHashes: entry.file_hashes,
    activation: entry.activation,
    tokenizerPath: entry.tokenizer_path,
  }));
  return [...own, ...listed];
}

function absentFilter(reason: string): SafetyFilter {
  return {
    async check(prompts, signal) {
      signal?.throwIfAborted();
      return prompts.map(() => unavailable(reason));
    },
    close: async () => undefined,
  };
}
