import { extname, resolve } from 'node:path';
import { FastVideoError } from '../base/errors.ts';
import { ClassifierProcess, safetyProgram } from './process/classifier-process.ts';
import type { ClassifierSettings } from './process/messages.ts';
import { Supervisor } from './process/supervisor.ts';
import { ProcessFilter } from './process-filter.ts';
import type { SafetyFilter } from './safety-filter.ts';
import {
  type ClassifierOptions,
  defaultBatchSize,
  defaultStartTimeoutMs,
  defaultThreshold,
  defaultTimeoutMs,
  type SafetyFilterOptions,
} from './safety-options.ts';

/**
 * A filter whose classifiers run in a process of their own, each loaded, its hash checked, and tried on a prompt.
 *
 * Throws `config_invalid` with one line that says what is wrong: a file that is missing, damaged or of another hash, no
 * labels, no label that is to be blocked. With `lazy` that line is the reason of the decisions instead.
 */
export async function createSafetyFilter(options: SafetyFilterOptions): Promise<SafetyFilter> {
  if (options.classifiers.length === 0) {
    throw new FastVideoError('config_invalid', 'The safety filter has no classifier.');
  }
  const classifiers = options.classifiers.map(classifierSettings);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const start = (signal: AbortSignal) =>
    ClassifierProcess.start({
      program: options.program ?? safetyProgram,
      classifiers,
      startTimeoutMs: options.startTimeoutMs ?? defaultStartTimeoutMs,
      timeoutMs,
      signal,
    });
  const lazy = options.lazy ?? false;
  const supervisor = new Supervisor(start, options.logger);
  const batchSize = options.batchSize ?? defaultBatchSize;
  const filter = new ProcessFilter({ classifiers, supervisor, batchSize, timeoutMs });
  if (lazy) return filter;
  const giveUp = () => void supervisor.close(options.signal?.reason);
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    options.signal?.throwIfAborted();
    await supervisor.acquire();
    return filter;
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
}

/** With absolute paths. Throws `config_invalid` for a threshold that can be none, and a tokenizer that would not be used. */
export function classifierSettings(options: ClassifierOptions): ClassifierSettings {
  const { threshold = defaultThreshold, tokenizerPath, labels, modelLabels } = options;
  if (!(threshold > 0 && threshold <= 1)) {
    const message = `The threshold of the safety classifier ${options.path} must be above 0 and at most 1, not ${threshold}.`;
    throw new FastVideoError('config_invalid', message);
  }
  if (tokenizerPath !== undefined && extname(options.path).toLowerCase() !== '.onnx') {
    const message = `The safety classifier ${options.path} is a fastText model, which has no tokenizer: remove the tokenizer ${tokenizerPath}.`;
    throw new FastVideoError('config_invalid', message);
  }
  return {
    path: resolve(options.path),
    threshold,
    labels: labels && [...labels],
    sha256: options.sha256,
    fileHashes: options.fileHashes && [...options.fileHashes],
    activation: options.activation ?? 'auto',
    tokenizerPath: tokenizerPath === undefined ? undefined : resolve(tokenizerPath),
    modelLabels: modelLabels && [...modelLabels],
    multiLabel: options.multiLabel,
  };
}
