import type { StreamSettings } from './stream-settings.ts';

/** Characters of a prompt that a model wrote, far more than one says; the safety filter looks at as many. */
const longestWritten = 65_536;

/** What is wrong with a list of curated prompts; undefined when nothing is. */
export function promptsProblem(prompts: readonly string[], settings: StreamSettings): string | undefined {
  const { maxCuratedPrompts } = settings;
  if (prompts.length > maxCuratedPrompts) {
    return `${prompts.length} prompts were given, the limit is ${maxCuratedPrompts}.`;
  }
  return prompts.map((prompt) => promptProblem(prompt, settings)).find((problem) => problem !== undefined);
}

export function promptProblem(
  prompt: string,
  { maxPromptChars }: Pick<StreamSettings, 'maxPromptChars'>,
): string | undefined {
  if (prompt.length <= maxPromptChars) return undefined;
  return `a prompt of ${prompt.length} characters is over the limit of ${maxPromptChars}.`;
}

/** The same for one of a checkpoint that a model may have written: those are not held to the limit for people. */
export function writtenPromptProblem(prompt: string, settings: StreamSettings): string | undefined {
  return promptProblem(prompt, { maxPromptChars: Math.max(settings.maxPromptChars, longestWritten) });
}
