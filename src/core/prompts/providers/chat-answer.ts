import { z } from 'zod';
import { type ChatAnswer, ProviderFailure } from '../provider.ts';

// Only what is used: servers differ in everything else.
const CompletionSchema = z.looseObject({
  model: z.string().optional().catch(undefined),
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullish().catch(undefined),
        message: z.looseObject({ content: z.string().nullish() }),
      }),
    )
    .min(1),
});

/** The first choice of a chat completion. Throws a retryable `ProviderFailure` for anything else. */
export function readAnswer(body: string, provider: string, model: string): ChatAnswer {
  const fail = (what: string, cause?: unknown) =>
    new ProviderFailure(`${provider} answered ${what}`, { retryable: true, cause });
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    throw fail('with a body that is not JSON', error);
  }
  const result = CompletionSchema.safeParse(json);
  if (!result.success) throw fail('without choices', result.error);
  const [choice] = result.data.choices;
  const text = choice?.message.content ?? '';
  const cutOff = choice?.finish_reason === 'length';
  if (text.trim() === '')
    throw fail(cutOff ? 'with thoughts only: the token limit is too low' : 'with nothing');
  return { text, model: result.data.model ?? model, cutOff };
}
