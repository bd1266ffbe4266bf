import { z } from 'zod';
import { parseJson } from '../../base/json.ts';
import type { Message } from '../wire/message.ts';

const WaitingSchema = z.array(z.looseObject({ prompt: z.string() }));
/** A message that is longer asks for nothing that would be made. */
const maxMessageBytes = 256 * 1024;
const RequestSchema = z.looseObject({ type: z.literal('segment_prompt_source'), prompt: z.string() });

/**
 * Prompts of a native session that were asked for and not begun: those that its replica has waiting, then those that
 * it does not know of yet.
 */
export function unmadeRequests(waiting: string | undefined, unseen: readonly Message[]): readonly string[] {
  const known = WaitingSchema.safeParse(parseJson(waiting ?? '[]'));
  const requests = unseen.map(({ data, isBinary }) =>
    RequestSchema.safeParse(isBinary || data.length > maxMessageBytes ? undefined : parseJson(data)),
  );
  return [
    ...(known.success ? known.data.map(({ prompt }) => prompt) : []),
    ...requests.flatMap(({ data }) => (data ? [data.prompt] : [])),
  ];
}
