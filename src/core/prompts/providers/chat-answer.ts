import { z } from 'zod';
import { parseJson } from '../../base/json.ts';
import { type ChatAnswer, ProviderFailure } from '../provider.ts';
import { isPassing, quote } from './chat-failure.ts';
import { textOfContent } from './content-parts.ts';
import { errorWithin } from './failure-text.ts';
import { completionOfEvents } from './stream-events.ts';

// Only what is used: servers differ in everything else.
const CompletionSchema = z.looseObject({
  model: z.string().optional().catch(undefined),
  choices: z.array(z.unknown()).min(1),
});
const MessageSchema = z.looseObject({
  content: z.unknown().optional(),
  refusal: z.string().nullish().catch(undefined),
  reasoning: z.unknown().optional(),
  reasoning_content: z.unknown().optional(),
  tool_calls: z.array(z.unknown()).nullish().catch(undefined),
});
const ChoiceSchema = z.looseObject({
  finish_reason: z.string().nullish().catch(undefined),
  message: MessageSchema,
});
type Choice = z.infer<typeof ChoiceSchema>;

interface Asked {
  readonly name: string;
  readonly model: string;
  readonly apiKey?: string | undefined;
}

/** Choices that are looked at: one is asked for. */
const mostChoices = 8;

/**
 * The first choice of a chat completion that holds a text: a plain one, or parts, whole or as events of a stream. Throws a
 * `ProviderFailure` for anything else: retryable, unless the body is an error with a status that is not.
 */
export function readAnswer(body: string, { name, model, apiKey }: Asked): ChatAnswer {
  const fail = (what: string, retryable = true) =>
    new ProviderFailure(`${name} answered ${what}`, { retryable });
  const json = parseJson(body) ?? completionOfEvents(body);
  if (json === undefined) throw fail(notJson(body));
  const completion = CompletionSchema.safeParse(json).data;
  if (completion === undefined) {
    const error = errorWithin(json);
    if (error === undefined) throw fail('without choices');
    const { text, status } = error;
    throw fail(`with an error: ${quote(text, apiKey)}`, status === undefined || isPassing(status));
  }
  const choices = completion.choices.slice(0, mostChoices).flatMap((choice) => {
    const read = ChoiceSchema.safeParse(choice).data;
    return read === undefined ? [] : [read];
  });
  for (const { message, finish_reason } of choices) {
    const text = textOfContent(message.content);
    if (text.trim() === '') continue;
    return { text, model: completion.model ?? model, cutOff: finish_reason === 'length' };
  }
  const [first] = choices;
  if (first === undefined) throw fail('without choices');
  throw fail(inPlaceOfText(first, apiKey));
}

function notJson(body: string): string {
  return body.trimStart().startsWith('<')
    ? 'with a page, a body that is not JSON (is the base URL right?)'
    : 'with a body that is not JSON';
}

function inPlaceOfText({ message, finish_reason }: Choice, apiKey: string | undefined): string {
  if (message.refusal) return `with a refusal: ${quote(message.refusal, apiKey)}`;
  if (finish_reason === 'length') return 'with nothing but reasoning: the token limit is too low';
  if (finish_reason === 'content_filter') return 'with nothing: its content filter stopped it';
  if (message.tool_calls?.length) return 'with a tool call instead of a text';
  return message.reasoning || message.reasoning_content ? 'with nothing but reasoning' : 'with nothing';
}
