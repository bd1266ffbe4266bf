import '../../../base/onnx-runtime.ts';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { errorMessage, FastVideoError } from '../../../base/errors.ts';
import type { ClassifierSettings } from '../../process/messages.ts';
import type { TextClassifier } from '../text-classifier.ts';
import { readCompanionFiles } from './companion-files.ts';
import { type ModelIo, modelIo } from './model-io.ts';
import { activate, activationFor } from './probabilities.ts';
import { runTexts, runTokens } from './run-batches.ts';
import { TokenWindows } from './token-windows.ts';

const trial = ['a quiet lake at dawn', 'two people argue loudly in a dark alley'];

/** Loads an ONNX text classifier with its tokenizer and its labels. Throws `start_failed`. */
export async function openOnnxClassifier(settings: ClassifierSettings): Promise<TextClassifier> {
  const { path } = settings;
  const session = await createSession(path);
  const io = modelIo(path, session);
  const files = await readCompanionFiles(path, settings.tokenizerPath);
  const labels = settings.modelLabels ?? files.labels;
  if (!labels) {
    throw new FastVideoError(
      'start_failed',
      `The labels of the safety classifier ${path} are not known: put its config.json (with id2label) or a labels.txt beside it.`,
    );
  }
  const numbers = batchesOf(path, session, io, files);
  const multiLabel = settings.multiLabel ?? files.config?.problem_type === 'multi_label_classification';
  const activation = activationFor(io.output, await trialRows(path, numbers), multiLabel);
  return {
    labels,
    score: async (texts) => (await numbers(texts)).map((row) => activate(row, activation)),
  };
}

type Batches = (texts: readonly string[]) => Promise<readonly ArrayLike<number>[]>;

/** The model's own numbers for each text; of one that takes several rows, the highest of each label. */
function batchesOf(
  path: string,
  session: InferenceSession,
  io: ModelIo,
  files: Awaited<ReturnType<typeof readCompanionFiles>>,
): Batches {
  const run = async (feeds: Record<string, Tensor>) => {
    const output = (await session.run(feeds))[io.output];
    if (!(output?.data instanceof Float32Array))
      throw new Error(`The model gave no numbers as ${io.output}.`);
    return output.data;
  };
  const { input } = io;
  if (input.kind === 'text') return (texts) => runTexts(texts, { input, rows: io.rows, run });
  const windows = new TokenWindows(path, files, input.length);
  return (texts) => runTokens(texts, { input, windows, rows: io.rows, run });
}

async function createSession(path: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(path, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
  } catch (error) {
    const message = `The safety classifier ${path} is not an ONNX model, or damaged: ${errorMessage(error)}`;
    throw new FastVideoError('start_failed', message, { cause: error });
  }
}

async function trialRows(path: string, numbers: Batches): Promise<readonly ArrayLike<number>[]> {
  try {
    return await numbers(trial);
  } catch (error) {
    const message = `The safety classifier ${path} fails on a trial prompt: ${errorMessage(error)}`;
    throw new FastVideoError('start_failed', message, { cause: error });
  }
}
