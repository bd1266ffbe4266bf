import { z } from 'zod';
import { flag, text } from './quantities.ts';

const labels = () =>
  z.array(z.string().min(1)).min(1).optional().meta({
    description: 'Labels of the model that block a prompt; case is ignored.',
    defaultNote:
      'those of `unsafe`, `nsfw`, `hate`, `toxic`, `violence`, `sexual` and the like that the model has',
  });
const probability = () => z.number().min(0.001).max(1);
const sha256 = () =>
  z.string().regex(/^[0-9a-fA-F]{64}$/, { error: 'must be a SHA-256: 64 hexadecimal digits' });
const hash = () => sha256().optional();

const fileHashes = () => z.array(z.strictObject({ file: z.string().min(1), sha256: sha256() })).optional();

/** How the numbers of an ONNX model become probabilities. */
export const activations = ['auto', 'none', 'sigmoid', 'softmax'] as const;

const ClassifierSchema = z.strictObject({
  path: z.string().min(1),
  labels: labels(),
  threshold: probability().optional(),
  sha256: hash(),
  file_hashes: fileHashes(),
  tokenizer_path: z.string().min(1).optional(),
  activation: z.enum(activations).optional(),
});

export const SafetySchema = z
  .strictObject({
    enabled: flag(false, 'Whether prompts are checked before they are used.'),
    classifier_path: text(
      'Model file of the classifier, ONNX (`.onnx`) or fastText (`.bin`, `.ftz`); needed when enabled, unless `classifiers` lists some.',
    ),
    labels: labels(),
    threshold: probability().default(0.5).meta({
      description: 'A blocked label with at least this probability blocks the prompt.',
      unit: 'probability',
    }),
    sha256: hash().meta({
      description:
        'SHA-256 that the model file must have; the server does not start with another. An ONNX model that keeps its weights in separate files needs their hashes in `file_hashes` too.',
      defaultNote: 'not checked',
    }),
    file_hashes: fileHashes().meta({
      description:
        'SHA-256 of files in the folder of an ONNX model: of its weights (`file: model.onnx_data`) and, to pin them too, of `tokenizer.json`, `tokenizer_config.json`, `config.json` and `labels.txt`.',
      defaultNote: 'not checked',
    }),
    tokenizer_path: text('The `tokenizer.json` of an ONNX model, or the folder it is in.', {
      defaultNote: 'in the folder of the model',
    }),
    activation: z.enum(activations).default('auto').meta({
      description:
        'How the outputs of an ONNX model become probabilities. `none`: they are probabilities already, because its graph ends in a Softmax or Sigmoid. `softmax`: its labels exclude one another. `sigmoid`: each label has its own probability. `auto`: as its graph and its `config.json` say; if they do not, the server does not start.',
    }),
    on_unavailable: z.enum(['block', 'allow']).default('block').meta({
      description:
        'What happens to prompts that cannot be checked. `block`: they are refused, and the server does not start if the filter cannot be loaded. `allow`: they are used unchecked, and the log says so.',
    }),
    timeout_ms: z.int().min(1).max(3_600_000).default(10_000).meta({
      description:
        'How long the classifiers may take for one batch of prompts before they are killed and restarted.',
      unit: 'milliseconds',
    }),
    classifiers: z.array(ClassifierSchema).optional().meta({
      description:
        'Further classifiers, asked in order after `classifier_path`; the first that blocks decides. An entry without `labels` or `threshold` uses those next to this key.',
      defaultNote: 'none further',
    }),
  })
  .refine(
    (safety) =>
      !safety.enabled || safety.classifier_path !== undefined || (safety.classifiers ?? []).length > 0,
    {
      path: ['classifier_path'],
      message: 'must name the model file of the classifier while streaming.safety.enabled is true',
    },
  )
  .meta({ description: 'The prompt safety filter.' });
