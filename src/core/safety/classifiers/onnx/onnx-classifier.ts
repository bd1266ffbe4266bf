import { InferenceSession } from 'onnxruntime-node';
import { errorMessage, FastVideoError } from '../../../base/errors.ts';
import type { ClassifierSettings } from '../../process/messages.ts';
import { blockedIndexes } from '../blocked-labels.ts';
import type { FileHashes } from '../file-hashes.ts';
import type { TextClassifier } from '../text-classifier.ts';
import { chooseActivation } from './choose-activation.ts';
import { type CompanionFiles, readCompanionFiles } from './companion-files.ts';
import { verifyExternalFiles } from './external-files.ts';
import { graphOutput } from './graph-output.ts';
import { type ModelIo, modelIo } from './model-io.ts';
import { readOnnxFile } from './onnx-file.ts';
import { activate } from './probabilities.ts';
import { type Finish, type RunModel, runTexts, runTokens } from './run-batches.ts';
import { TokenWindows } from './token-windows.ts';

const trial = [
  'a quiet lake at dawn',
  'two people argue loudly in a dark alley',
  'kill them all',
  'x',
  '1 2 3 4 5 6 7 8 9 10',
];

/** Loads an ONNX text classifier with its tokenizer and its labels. Throws `config_invalid`. */
export async function openOnnxClassifier(
  settings: ClassifierSettings,
  hashes: FileHashes,
): Promise<TextClassifier> {
  const { path } = settings;
  const file = readOnnxFile(path);
  await verifyExternalFiles(path, file.externalFiles, hashes, settings.sha256 !== undefined);
  const session = await createSession(path);
  const io = modelIo(path, session);
  const files = await readCompanionFiles(path, settings.tokenizerPath, hashes);
  const labels = settings.modelLabels ?? files.labels;
  if (!labels || labels.length === 0) {
    throw new FastVideoError(
      'config_invalid',
      `The labels of the safety classifier ${path} are not known: put its config.json (with id2label) or a labels.txt into the same folder.`,
    );
  }
  const run = batchesOf(path, session, io, files);
  const activation = chooseActivation({
    path,
    output: io.output,
    asked: settings.activation,
    graph: graphOutput(file, io.output),
    rows: await trialRows(path, run),
    multiLabel: settings.multiLabel,
    config: files.config,
    allBlocked: [undefined, settings.labels].some(
      (named) => blockedIndexes(labels, named).length === labels.length,
    ),
  });
  return { labels, score: (texts) => run(texts, (row) => activate(row, activation)) };
}

/** What `finish` makes of the model's numbers for each text; of one that takes several rows, the highest of each label. */
type Batches = (texts: readonly string[], finish: Finish) => Promise<readonly ArrayLike<number>[]>;

function batchesOf(path: string, session: InferenceSession, io: ModelIo, files: CompanionFiles): Batches {
  const run: RunModel = async (feeds, rows) => {
    const output = (await session.run(feeds))[io.output];
    if (!(output?.data instanceof Float32Array))
      throw new Error(`The model gave no numbers as ${io.output}.`);
    if (rows > 1 && output.dims[0] !== rows) {
      throw new Error(
        `The model gave [${output.dims.join(', ')}] numbers for ${rows} texts, not a row for each.`,
      );
    }
    return output.data;
  };
  const { input } = io;
  if (input.kind === 'text') return (texts, finish) => runTexts(texts, { input, rows: io.rows, run, finish });
  const windows = new TokenWindows(path, files, input.length);
  return (texts, finish) => runTokens(texts, { input, windows, rows: io.rows, run, finish });
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
    throw new FastVideoError('config_invalid', message, { cause: error });
  }
}

async function trialRows(path: string, run: Batches): Promise<readonly ArrayLike<number>[]> {
  try {
    return await run(trial, (row) => row);
  } catch (error) {
    const message = `The safety classifier ${path} fails on a trial prompt: ${errorMessage(error)}`;
    throw new FastVideoError('config_invalid', message, { cause: error });
  }
}
