import { extname } from 'node:path';
import { FastVideoError } from '../../base/errors.ts';
import { withOnnxRuntime } from '../../base/onnx-runtime.ts';
import type { ClassifierSettings } from '../process/messages.ts';
import { openFastTextClassifier } from './fasttext/fasttext-classifier.ts';
import { FileHashes } from './file-hashes.ts';
import { verifyModelFile } from './model-file.ts';
import type { TextClassifier } from './text-classifier.ts';

/** Loads the model by its extension, its hash and those of the files beside it checked. Throws `config_invalid`. */
export async function openClassifier(settings: ClassifierSettings): Promise<TextClassifier> {
  const open = openerOf(settings.path);
  await verifyModelFile(settings.path, settings.sha256);
  const hashes = new FileHashes(settings.path, settings.fileHashes);
  const classifier = await open(settings, hashes);
  hashes.refuseUnused();
  return classifier;
}

/** Throws what `openClassifier` would, as far as can be seen without loading the model. */
export async function checkClassifierFiles(settings: ClassifierSettings): Promise<void> {
  openerOf(settings.path);
  await verifyModelFile(settings.path, settings.sha256);
  if (extname(settings.path).toLowerCase() !== '.onnx') return;
  const { readCompanionFiles } = await import('./onnx/companion-files.ts');
  const hashes = new FileHashes(settings.path, settings.fileHashes);
  await readCompanionFiles(settings.path, settings.tokenizerPath, hashes);
}

function openerOf(path: string): Opener {
  const open = openers[extname(path).toLowerCase()];
  if (open) return open;
  throw new FastVideoError(
    'config_invalid',
    `The safety classifier ${path} is neither an ONNX model (.onnx) nor a fastText model (.bin, .ftz).`,
  );
}

type Opener = (settings: ClassifierSettings, hashes: FileHashes) => Promise<TextClassifier>;

const openers: Readonly<Record<string, Opener>> = {
  '.onnx': async (settings, hashes) => {
    const { openOnnxClassifier } = await withOnnxRuntime(() => import('./onnx/onnx-classifier.ts'));
    return await openOnnxClassifier(settings, hashes);
  },
  '.bin': openFastTextClassifier,
  '.ftz': openFastTextClassifier,
};
