import type { Logger } from '../base/log.ts';

/** One model, and what it blocks. */
export interface ClassifierOptions {
  /** `.onnx`, or fastText's `.bin` or `.ftz`. */
  readonly path: string;
  /** The labels that block; default those of the well-known ones (`unsafe`, `nsfw`, `hate`…) that the model has. */
  readonly labels?: readonly string[] | undefined;
  /** A blocked label with at least this probability blocks; above 0, at most 1; default 0.5. */
  readonly threshold?: number | undefined;
  /** SHA-256 that the file must have, 64 hexadecimal digits. With it, files that hold its weights need theirs too. */
  readonly sha256?: string | undefined;
  /** ONNX: SHA-256 of files beside it, such as `model.onnx_data` or `tokenizer.json`. */
  readonly fileHashes?: readonly { readonly file: string; readonly sha256: string }[] | undefined;
  /** ONNX: how its numbers become probabilities; default `auto`: as its graph says. */
  readonly activation?: 'auto' | 'none' | 'sigmoid' | 'softmax' | undefined;
  /** ONNX: `tokenizer.json`, or the folder it is in; default beside the model. */
  readonly tokenizerPath?: string | undefined;
  /** ONNX: what the model's outputs are called, in their order; default from `config.json` or `labels.txt` beside it. */
  readonly modelLabels?: readonly string[] | undefined;
  /** ONNX: whether each label has a probability of its own; default as `config.json` says, else false. */
  readonly multiLabel?: boolean | undefined;
}

export interface SafetyFilterOptions {
  /** Asked in this order; the first that blocks decides. */
  readonly classifiers: readonly ClassifierOptions[];
  /** Prompts that are looked at together, at most; default 64. */
  readonly batchSize?: number | undefined;
  /** How long the classifiers may take for one batch before they are killed and started again; default 10,000 ms. */
  readonly timeoutMs?: number | undefined;
  /** How long loading may take; default 120,000 ms. */
  readonly startTimeoutMs?: number | undefined;
  /** Whether the models are loaded with the first prompt instead of at once; default false. */
  readonly lazy?: boolean | undefined;
  /** Gives the loading up; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  readonly logger?: Logger | undefined;
  /** The file of the classifiers' process; default the one shipped. */
  readonly program?: string | undefined;
}

export const defaultThreshold = 0.5;
export const defaultBatchSize = 64;
export const defaultTimeoutMs = 10_000;
export const defaultStartTimeoutMs = 120_000;
/** Longest prompt that is looked at, in UTF-16 units: one that is longer would hold up the others. */
export const maxPromptLength = 65_536;
/** Prompts that may wait, at most; for those beyond it the filter is not available. */
export const maxWaiting = 65_536;
