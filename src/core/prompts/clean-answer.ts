import { trimEndOf } from '../base/trim-end.ts';

const thoughtTag = /<(\/?)(?:think|thinking|reasoning)>/gi;

/** What reasoning models write before their answer. */
export function withoutThoughts(text: string): string {
  let answer = '';
  let from = 0;
  let inThought = false;
  for (const { 0: tag, 1: slash, index } of text.matchAll(thoughtTag)) {
    if (slash === '') {
      if (!inThought) answer += text.slice(from, index);
      inThought = true;
    } else {
      // Some servers leave the opening tag out.
      if (!inThought) answer = '';
      inThought = false;
      from = index + tag.length;
    }
  }
  // A cut-off answer has no closing one.
  return (inThought ? answer : answer + text.slice(from)).trim();
}

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
const courtesy = /^(?:sure|certainly|of course|okay|ok)\b[^\n,.!:]*[,.!:]\s*/i;
const announcement = /^here(?:'s|’s| is| are)\b[^\n:]*:[^\S\n]*\n/i;

/** Without "Sure! Here is …:" on a line of its own. */
function withoutPreamble(text: string): string {
  const polite = text.replace(courtesy, '');
  const bare = polite.replace(announcement, '');
  return bare === polite ? text : bare;
}

/**
 * The prompt in what a model wrote: without thoughts, code fence, "Here is …:", label and quotes, on one line. Where the
 * answer was cut off it ends with its last whole sentence, or else its last whole word. May be empty.
 */
export function cleanPrompt(text: string, cutOff = false): string {
  const body = withoutFence(withoutPreamble(withoutThoughts(text)));
  const line = onOneLine(withoutQuotes(body.replace(label, '').trim()));
  return cutOff ? wholeSentences(line) : line;
}

function wholeSentences(text: string): string {
  const [sentences] = /^.*[.!?。！？]["”’»]?(?=\s|$)/u.exec(text) ?? [];
  if (sentences !== undefined) return sentences.trim();
  const lastWord = text.lastIndexOf(' ');
  return lastWord < 0 ? text : trimEndOf(text.slice(0, lastWord), ' ,;:');
}
