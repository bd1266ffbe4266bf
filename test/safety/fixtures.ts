import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSafetyFilter } from '../../src/core/safety/create-safety-filter.ts';
import type { SafetyFilter } from '../../src/core/safety/safety-filter.ts';
import type { SafetyFilterOptions } from '../../src/core/safety/safety-options.ts';
import { descendantPids } from '../support/child-pids.ts';
import { repositoryRoot } from '../support/server-process.ts';

const fixture = (name: string) => join(repositoryRoot, 'fixtures/safety', name);

/** BERT's inputs and outputs, with tokenizer.json and config.json; safe and unsafe. */
export const tokensModel = fixture('tokens/model.onnx');
/** Takes text itself; gives probabilities of ok and violence, the latter 0.9 for a few words. */
export const textModel = fixture('text/model.onnx');
/** fastText; safe and unsafe. */
export const fastTextModel = fixture('sentences.bin');
/** fastText of whole words alone; of a text without any of them it knows nothing. Safe and unsafe. */
export const wordsModel = fixture('words.bin');
/** fastText's language identification, as its package ships it: 176 labels, quantised. */
export const languageModel = fileURLToPath(
  import.meta.resolve('fasttext.wasm.js/dist/fastText/models/lid.176.ftz'),
);

export const program = join(repositoryRoot, 'dist/safety-main.js');

export const calm = 'a quiet lake at dawn with mist over the water';
export const brutal = 'a brutal man stabs his rival with a bloody knife';

/** A filter over the built process, closed with the block. */
export async function filterWith(options: SafetyFilterOptions): Promise<SafetyFilter & AsyncDisposable> {
  const filter = await createSafetyFilter({ program, ...options });
  return {
    check: (prompts, signal) => filter.check(prompts, signal),
    close: () => filter.close(),
    [Symbol.asyncDispose]: () => filter.close(),
  };
}

/** Ids of the classifiers' processes that this process has. */
export async function classifierPids(): Promise<number[]> {
  return descendantPids(process.pid);
}
