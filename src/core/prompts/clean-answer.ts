/** What reasoning models write before their answer. */
export function withoutThoughts(text: string): string {
  const whole = text.replace(/<(think|thinking|reasoning)>[\s\S]*?<\/\1>/gi, '');
  // Some servers leave the opening tag out; a cut-off answer has no closing one.
  const afterEnd = whole.replace(/^[\s\S]*<\/(?:think|thinking|reasoning)>/i, '');
  return afterEnd.replace(/<(?:think|thinking|reasoning)>[\s\S]*$/i, '').trim();
}

/** What stands in the first code fence, or the text where there is none. */
export function withoutFence(text: string): string {
  const [, inner] = /(?:^|\n)[ \t]*```[^\n`]*\n([\s\S]*?)(?:\n?[ \t]*```|$)/.exec(text) ?? [];
  return (inner ?? text.replace(/^```+|```+$/g, '')).trim();
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
  return text.replace(/\s*[\p{Cc}\u2028\u2029]+\s*/gu, ' ').trim();
}

const label =
  /^(?:\*\*)?(?:(?:enhanced|improved|extended|next|new|final|video)\s+)*prompt(?:\*\*)?\s*:(?:\*\*)?\s*/i;
const preamble =
  /^(?:(?:sure|certainly|of course|okay|ok)\b[^\n]*?[,.!:]\s*)?here(?:'s|’s| is| are)\b[^\n:]*:\s*\n+/i;

/**
 * The prompt in what a model wrote: without thoughts, code fence, "Here is …:", label and quotes, on one line. Where the
 * answer was cut off it ends with its last whole sentence, or else its last whole word. May be empty.
 */
export function cleanPrompt(text: string, cutOff = false): string {
  const body = withoutFence(withoutThoughts(text).replace(preamble, ''));
  const line = onOneLine(withoutQuotes(body.replace(label, '').trim()));
  return cutOff ? wholeSentences(line) : line;
}

function wholeSentences(text: string): string {
  const [sentences] = /^.*[.!?。！？]["”’»]?(?=\s|$)/u.exec(text) ?? [];
  if (sentences !== undefined) return sentences.trim();
  return text.includes(' ') ? text.replace(/[\s,;:]+\S*$/u, '') : text;
}
