import { errorMessage } from '../../base/errors.ts';
import type { JobRouteParts } from './job-parts.ts';
import { invalid } from './openai-errors.ts';

/**
 * The prompt that a job is made with: as it was sent or, where that is asked for, enhanced; a provider that cannot answer
 * leaves it as it is, as in a session. Throws `prompt_blocked`, `internal_error`, retryable, where it cannot be checked,
 * and `RequestRefusal` for an enhancement that this server does not have.
 */
export async function promptFor(
  {
    prompt,
    enhance,
    negative,
  }: { readonly prompt: string; readonly enhance: boolean; readonly negative?: string | undefined },
  { gate, enhancer, logger }: Pick<JobRouteParts, 'gate' | 'enhancer' | 'logger'>,
  signal: AbortSignal,
): Promise<string> {
  const objection = await gate.objection([prompt, ...(negative === undefined ? [] : [negative])], signal);
  if (objection) throw objection;
  if (!enhance) return prompt;
  if (!enhancer) {
    throw invalid(
      'enhance_prompt',
      'enhance_prompt: this server enhances no prompts (streaming.prompt.enabled).',
    );
  }
  const written = await enhancer.enhance(prompt, { signal }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    logger.warn({ error: errorMessage(error) }, 'prompt of a job not enhanced');
    return undefined;
  });
  if (!written) return prompt;
  const problem = await gate.objection([written.content], signal);
  if (problem) throw problem;
  return written.content;
}
