import { z } from 'zod';
import { activations } from '../../base/config/serve-schema/safety.ts';

/** All that goes between the filter and its classifiers' process, as JSON over Node's channel. */

const ClassifierSettingsSchema = z.object({
  path: z.string(),
  labels: z.array(z.string()).optional(),
  threshold: z.number(),
  sha256: z.string().optional(),
  fileHashes: z.array(z.object({ file: z.string(), sha256: z.string() })).optional(),
  activation: z.enum(activations),
  tokenizerPath: z.string().optional(),
  modelLabels: z.array(z.string()).optional(),
  multiLabel: z.boolean().optional(),
});

/** One classifier as its process gets it: an absolute path, the threshold filled in. */
export type ClassifierSettings = z.infer<typeof ClassifierSettingsSchema>;

const ScoredSchema = z.object({
  blocked: z.boolean(),
  /** Index of the classifier that blocked, else of the one whose score is given. */
  classifier: z.int().min(0),
  /** The blocked label with the highest probability. */
  label: z.string(),
  score: z.number().min(0).max(1),
});
/** A prompt that none blocked, and one could not answer: why. */
const UnknownSchema = z.object({ unknown: z.string() });
const VerdictSchema = z.union([ScoredSchema, UnknownSchema]);

/** What a classifier says of a prompt, in numbers. */
export type Scored = z.infer<typeof ScoredSchema>;

/** What all classifiers together say of one prompt. */
export type Verdict = z.infer<typeof VerdictSchema>;

export const ToClassifiersSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), classifiers: z.array(ClassifierSettingsSchema).min(1) }),
  z.object({ type: z.literal('check'), id: z.int(), prompts: z.array(z.string()) }),
]);
export type ToClassifiers = z.infer<typeof ToClassifiersSchema>;

export const FromClassifiersSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({
    type: z.literal('start_failed'),
    code: z.enum(['start_failed', 'config_invalid']),
    message: z.string(),
  }),
  z.object({ type: z.literal('checked'), id: z.int(), verdicts: z.array(VerdictSchema) }),
  z.object({ type: z.literal('check_failed'), id: z.int(), message: z.string() }),
]);
export type FromClassifiers = z.infer<typeof FromClassifiersSchema>;
