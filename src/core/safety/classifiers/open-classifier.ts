import { extname } from 'node:path';
import { FastVideoError } from '../../base/errors.ts';
import { withOnnxRuntime } from '../../base/onnx-runtime.ts';
import type { ClassifierSettings } from '../process/messages.ts';
import { openFastTextClassifier } from './fasttext/fasttext-classifier.ts';
import { FileHashes } from './file-hashes.ts';
import { verifyModelFile } from './model-file.ts';
import type { TextClassifier } from './text-classifier.ts';

/** Loads the model by its extension, its hash and those of the files beside it checked. Throws `start_failed`. */
export async function openClassifier(settings: ClassifierSettings): Promise<TextClassifier> {
  const open = openers[extname(settings.path).toLowerCase()];
  if (!open) {
    throw new FastVideoError(
      'start_failed',
      `The safety classifier ${settings.path} is neither an ONNX model (.onnx) nor one of fastText (.bin, .ftz).`,
    );
  }
  await verifyModelFile(settings.path, settings.sha256);
  const hashes = new FileHashes(settings.path, settings.fileHashes);
  const classifier = await open(settings, hashes);
  hashes.refuseUnused();
  return classifier;
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
