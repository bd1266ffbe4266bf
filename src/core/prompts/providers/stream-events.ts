import { z } from 'zod';
import { parseJson } from '../../base/json.ts';
import { textOfContent } from './content-parts.ts';

const ChunkSchema = z.looseObject({
  model: z.string().optional().catch(undefined),
  choices: z.tuple([
    z.looseObject({
      finish_reason: z.string().nullish().catch(undefined),
      delta: z.looseObject({ content: z.unknown().optional() }),
    }),
  ]),
});

/** More than any answer has. */
const mostEvents = 100_000;

/**
 * Some proxies stream although nobody asked them to: the chat completion whose chunks are the events of this body, or
 * the first event that is no chunk, an error perhaps; undefined for a body without events.
 */
export function completionOfEvents(body: string): unknown {
  const texts: string[] = [];
  let events = 0;
  let model: string | undefined;
  let finishReason: string | null | undefined;
  for (const [, data = ''] of body.matchAll(/^data:([^\r\n]*)/gm)) {
    const json = parseJson(data);
    const chunk = ChunkSchema.safeParse(json).data;
    events += 1;
    // `[DONE]`, or an event that was cut off.
    if (json === undefined || events > mostEvents) break;
    if (chunk === undefined) {
      // Azure begins and others end with a chunk without choices.
      if (texts.length === 0 && !isEmptyChunk(json)) return json;
      continue;
    }
    const [{ delta, finish_reason }] = chunk.choices;
    texts.push(textOfContent(delta.content));
    model ??= chunk.model;
    finishReason = finish_reason ?? finishReason;
  }
  if (texts.length === 0) return undefined;
  const choices = [{ finish_reason: finishReason, message: { content: texts.join('') } }];
  return { model, choices };
}

function isEmptyChunk(json: unknown): boolean {
  return z.looseObject({ choices: z.tuple([]) }).safeParse(json).success;
}
