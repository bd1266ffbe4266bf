import { z } from 'zod';
import { parseJson } from '../../base/json.ts';

const Text = z.string().trim().min(1);
const Said = z.looseObject({
  message: Text.optional().catch(undefined),
  msg: Text.optional().catch(undefined),
  detail: z.unknown().optional(),
  error: z.unknown().optional(),
  code: z.unknown().optional(),
});

/** What is read of a page, or of a text that is no JSON. */
const longestTextChars = 2000;
const title = /<title>([^<]{1,200})/i;

/**
 * Why a server refused, in its own words: of OpenAI's `{error: {message}}`, and of `{error}`, `{message}` and `{detail}`
 * (a text, or FastAPI's list), alone or first in an array; the title of a page; any other text. Empty for none.
 */
export function failureText(body: string): string {
  const json = parseJson(body);
  const words = json === undefined ? undefined : wordsOf(json, 0);
  if (words !== undefined) return words;
  const start = body.slice(0, longestTextChars).trim();
  return start.startsWith('<') ? (title.exec(start)?.[1]?.trim() ?? 'a page') : start;
}

/** The words of an error that came as a good answer, and its status where it says one; undefined for no error. */
export function errorWithin(json: unknown): { text: string; status: number | undefined } | undefined {
  const said = Said.safeParse(json).data;
  if (said === undefined) return undefined;
  const text = wordsOf(json, 0);
  if (text === undefined) return undefined;
  const inner = Said.safeParse(said.error).data;
  return { text, status: statusOf(inner?.code) ?? statusOf(said.code) };
}

const deepest = 4;

function wordsOf(value: unknown, depth: number): string | undefined {
  if (depth > deepest) return undefined;
  const text = Text.safeParse(value).data;
  if (text !== undefined) return text;
  if (Array.isArray(value)) return wordsOf(value[0], depth + 1);
  const said = Said.safeParse(value).data;
  if (said === undefined) return undefined;
  return wordsOf(said.error, depth + 1) ?? said.message ?? said.msg ?? wordsOf(said.detail, depth + 1);
}

function statusOf(code: unknown): number | undefined {
  const status = Number(typeof code === 'string' && code !== '' ? code : (code ?? Number.NaN));
  return Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined;
}
