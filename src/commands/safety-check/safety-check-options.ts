import { z } from 'zod';
import { activations } from '../../core/base/config/serve-schema/safety.ts';
import { FastVideoError } from '../../core/base/errors.ts';
import type { ClassifierOptions } from '../../core/safety/safety-options.ts';

/** One batch may take that long: nobody waits at the other end of a socket. */
const timeoutMs = 60_000;

const classifierVariable = 'FASTVIDEO_SAFETY_CLASSIFIER';
const models = /\.(onnx|bin|ftz)$/i;

const OptionsSchema = z.object({
  classifier: z.array(z.string().regex(models, 'must be a model: .onnx, .bin or .ftz')).optional(),
  labels: z
    .string()
    .transform((names) => names.split(',').map((name) => name.trim()))
    .refine((names) => names.every((name) => name !== ''), 'must be labels separated by commas')
    .optional(),
  threshold: z
    .string()
    .regex(/^(0?\.\d+|1(\.0+)?)$/, 'must be a probability above 0 and at most 1')
    .transform(Number)
    .refine((value) => value > 0, 'must be a probability above 0 and at most 1'),
  tokenizer: z.string().min(1, 'must not be empty').optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits')
    .optional(),
  fileSha256: z
    .array(
      z
        .string()
        .regex(/^[^=]{1,512}=[0-9a-f]{64}$/i, 'must be NAME=HASH, the hash 64 hexadecimal digits')
        .transform((given) => ({ file: given.slice(0, -65), sha256: given.slice(-64) })),
    )
    .optional(),
  activation: z.enum(activations, { error: 'must be auto, none, sigmoid or softmax' }),
  pass: z.boolean().default(false),
  json: z.boolean().default(false),
  failFast: z.boolean().default(false),
  onUnavailable: z.enum(['block', 'allow'], { error: 'must be block or allow' }),
  batch: z
    .string()
    .regex(/^\d{1,4}$/, 'must be a whole number from 1 to 4096')
    .transform(Number)
    .refine((value) => value >= 1 && value <= 4096, 'must be a whole number from 1 to 4096'),
});

export interface SafetyCheckOptions {
  readonly classifiers: readonly ClassifierOptions[];
  readonly pass: boolean;
  readonly failFast: boolean;
  readonly onUnavailable: 'block' | 'allow';
  /** Lines in one batch. */
  readonly batch: number;
  readonly timeoutMs: number;
}

/** Throws `usage` with every problem; also for a prompt that is the name of a model, which would be left out unseen. */
export function readSafetyCheckOptions(
  options: Readonly<Record<string, unknown>>,
  prompts: readonly string[],
  env: NodeJS.ProcessEnv,
): SafetyCheckOptions {
  const fromEnv = env[classifierVariable];
  const given: Readonly<Record<string, unknown>> = {
    classifier: fromEnv ? [fromEnv] : undefined,
    ...options,
  };
  const result = OptionsSchema.safeParse(given);
  if (!result.success) {
    const problems = result.error.issues.map(({ path: [key = '', index], message }) => {
      const flag = String(key).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      const value = given[String(key)];
      return `--${flag} "${String(Array.isArray(value) ? value[Number(index)] : value)}" ${message}`;
    });
    throw new FastVideoError('usage', `${problems.join('; ')}.`);
  }
  const {
    classifier = [],
    labels,
    threshold,
    tokenizer,
    sha256,
    fileSha256,
    activation,
    json,
    ...rest
  } = result.data;
  const model = prompts.find((prompt) => models.test(prompt) && !/\s/.test(prompt));
  if (model !== undefined) {
    const remedy = `write --classifier before each model: --classifier ${model}`;
    throw new FastVideoError('usage', `"${model}" is the name of a model, not a prompt; ${remedy}.`);
  }
  if (json && rest.pass) {
    throw new FastVideoError(
      'usage',
      '--pass prints the lines themselves, not JSON; leave out --json or --pass.',
    );
  }
  if (classifier.length === 0) {
    throw new FastVideoError(
      'usage',
      `There is no classifier; name a model with --classifier or ${classifierVariable}, e.g. --classifier model.onnx.`,
    );
  }
  const ofOne = {
    tokenizer,
    sha256,
    'file-sha256': fileSha256,
    activation: activation === 'auto' ? undefined : activation,
  };
  const [option] = Object.entries(ofOne).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (classifier.length > 1 && option !== undefined) {
    throw new FastVideoError('usage', `--${option} applies to a single classifier, but several are set.`);
  }
  const classifiers = classifier.map((path) => ({
    path,
    labels,
    threshold,
    sha256,
    fileHashes: fileSha256,
    activation,
    tokenizerPath: tokenizer,
  }));
  return { ...rest, classifiers, timeoutMs };
}
