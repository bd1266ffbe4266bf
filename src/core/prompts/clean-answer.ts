import { trimEndOf } from '../base/trim-end.ts';
import { hasMarks, withoutThoughts } from './answer-markers.ts';
import { withoutMarker } from './list-marker.ts';
import { promptsInJson } from './prompts-in-json.ts';

const mostLines = 10_000;
const fence = '```';
const openingFence = /(?:^|\n)[ \t]*```[^\n`]*\n/;

/** What stands in the first code fence, or the text where there is none. */
export function withoutFence(text: string): string {
  const opening = openingFence.exec(text);
  if (opening) {
    const inner = text.slice(opening.index + opening[0].length);
    const end = inner.indexOf(fence);
    return (end < 0 ? inner : inner.slice(0, end)).trim();
  }
  const started = text.startsWith(fence) ? text.replace(/^`+/, '') : text;
  return (started.endsWith(fence) ? trimEndOf(started, '`') : started).trim();
}

const quotePairs = ['""', "''", '“”', '‘’', '«»', '„“', '``'];

/** Without the quotes around it, as long as the text has no others of their kind. */
export function withoutQuotes(text: string): string {
  for (const pair of quotePairs) {
    const [open = '', close = ''] = [...pair];
    if (text.length < 2 || !text.startsWith(open) || !text.endsWith(close)) continue;
    const inner = text.slice(1, -1);
    if (!inner.includes(open) && !inner.includes(close)) return inner.trim();
  }
  return text;
}

/** Line breaks and other control characters become one space each. */
export function onOneLine(text: string): string {
  const lines = text.split(/[\p{Cc}\u2028\u2029]+/u).map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

const label =
  /^(?:\*\*)?(?:(?:enhanced|improved|extended|next|new|final|video)\s+)*prompt(?:\*\*)?\s*:(?:\*\*)?\s*/i;
/** Without `Prompt:` in front. */
export function withoutLabel(text: string): string {
  return text.replace(label, '').trim();
}

const courtesy = /^(?:sure|certainly|of course|okay|ok)\b[^\n,.!:]*[,.!:]\s*/i;
const announcement = /^here(?:'s|’s| is| are)\b[^\n:]*:[^\S\n]*\n/i;

/** Without "Sure! Here is …:" on a line of its own. */
function withoutPreamble(text: string): string {
  const polite = text.replace(courtesy, '');
  const bare = polite.replace(announcement, '');
  return bare === polite ? text : bare;
}

/**
 * The prompt in what a model wrote: without thoughts, code fence, JSON around it, "Here is …:", label and quotes, on one
 * line. Where the answer was cut off it ends with its last whole sentence, or else its last whole word. Empty where there is
 * none: JSON that holds no prompt or several, a list of several, and what has marks of a model left in it, are none.
 */
export function cleanPrompt(text: string, cutOff = false): string {
  const body = withoutFence(withoutPreamble(withoutThoughts(text)));
  const json = promptsInJson(body);
  if (json && json.prompts.length !== 1) return '';
  const prompt = json?.prompts[0] ?? onlyItem(body);
  const line = prompt === undefined ? '' : bareLine(prompt);
  const ends = json ? json.cutOff : cutOff;
  return ends ? wholeSentences(line) : line;
}

/** Without label and quotes, on one line; empty where that is nothing for a generator. */
export function bareLine(prompt: string): string {
  const line = onOneLine(withoutQuotes(withoutLabel(prompt)));
  return isMarkup(line) ? '' : line;
}

/** Without the number of the one item of a list; undefined where there are several. */
function onlyItem(body: string): string | undefined {
  for (const kind of ['labelled', 'numbered'] as const) {
    const items = body.split('\n', mostLines).filter((line) => withoutMarker(line, kind) !== undefined);
    if (items.length > 1) return undefined;
    const rest =
      items.length === 1 && body.startsWith(items[0] ?? '') ? withoutMarker(body, kind) : undefined;
    if (rest !== undefined) return rest;
  }
  return body;
}

/** JSON, and marks that are for programs: they are of no use to a generator. */
function isMarkup(line: string): boolean {
  return /^[{[]\s*["'{[]|^\{\s*[\w-]{1,60}\s*:/.test(line) || hasMarks(line);
}

function wholeSentences(text: string): string {
  let end = 0;
  for (const { 0: mark, index } of text.matchAll(/[.!?]["”’»]?(?=\s|$)|[。！？]["”’»」』]?/gu))
    end = index + mark.length;
  if (end > 0) return text.slice(0, end).trim();
  const lastWord = text.lastIndexOf(' ');
  return lastWord < 0 ? text : trimEndOf(text.slice(0, lastWord), ' ,;:');
}
