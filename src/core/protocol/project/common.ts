import * as z from 'zod';

/** Where the prompt of a segment came from. */
export const ProjectPromptSourceSchema = z.enum([
  'curated',
  'user_raw',
  'user_enhanced',
  'user_enhancement_failed',
  'auto_llm',
]);
export type ProjectPromptSource = z.infer<typeof ProjectPromptSourceSchema>;

/** Why a stream started anew. */
export const ResetReasonSchema = z.enum([
  'manual_reset',
  'cap_restart',
  'simple_generate',
  'initial_rewrite',
  'rewrite_during_generation',
  'rewrite_rollout',
  'project_init',
]);
export type ResetReason = z.infer<typeof ResetReasonSchema>;
