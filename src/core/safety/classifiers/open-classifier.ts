import { extname } from 'node:path';
import { FastVideoError } from '../../base/errors.ts';
import type { ClassifierSettings } from '../process/messages.ts';
import { openFastTextClassifier } from './fasttext/fasttext-classifier.ts';
import { verifyModelFile } from './model-file.ts';
import { openOnnxClassifier } from './onnx/onnx-classifier.ts';
import type { TextClassifier } from './text-classifier.ts';

/** Loads the model by its extension, its hash checked. Throws `start_failed`. */
export async function openClassifier(settings: ClassifierSettings): Promise<TextClassifier> {
  const open = openers[extname(settings.path).toLowerCase()];
  if (!open) {
    throw new FastVideoError(
      'start_failed',
      `The safety classifier ${settings.path} is neither an ONNX model (.onnx) nor one of fastText (.bin, .ftz).`,
    );
  }
  await verifyModelFile(settings.path, settings.sha256);
  return open(settings);
}

const openers: Readonly<Record<string, (settings: ClassifierSettings) => Promise<TextClassifier>>> = {
  '.onnx': openOnnxClassifier,
  '.bin': openFastTextClassifier,
  '.ftz': openFastTextClassifier,
};
