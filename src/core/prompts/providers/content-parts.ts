import { z } from 'zod';

const PartSchema = z.union([
  z.string().transform((text) => ({ type: 'text', text })),
  z.looseObject({ type: z.string().default('text'), text: z.string() }),
]);

/** More than any answer has. */
const mostParts = 10_000;

/** A message's content: a text, or the texts of its parts, without thoughts and whatever else there is. */
export function textOfContent(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  return parts
    .slice(0, mostParts)
    .map((part) => PartSchema.safeParse(part).data)
    .map((part) => (part?.type === 'text' || part?.type === 'output_text' ? part.text : ''))
    .join('');
}
