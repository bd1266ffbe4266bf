import { onOneLine, withoutFence, withoutQuotes, withoutThoughts } from './clean-answer.ts';

const numbered = /^\s*(?:\*\*)?\d{1,3}[.)](?:\*\*)?(?:\s+|$)/;
const bulleted = /^\s*[-*•–]\s+/;

/**
 * The prompts that a model listed, one line each: a JSON array (of texts, or of objects with a `prompt`), numbered lines
 * (`1.`, `1)`), bulleted lines (`-`, `*`, `•`), or plain lines. What it says around the list is left out.
 *
 * @param cutOff - whether the answer stopped in the middle; the last prompt is not whole then and left out
 */
export function listedPrompts(text: string, cutOff = false): string[] {
  const body = withoutFence(withoutThoughts(text));
  const prompts = (fromJson(body) ?? fromLines(body)).map(onOneLine).filter((prompt) => prompt !== '');
  return cutOff ? prompts.slice(0, -1) : prompts;
}

function fromJson(body: string): string[] | undefined {
  const [start, end] = [body.indexOf('['), body.lastIndexOf(']')];
  if (start < 0 || end < start) return undefined;
  const array = body.slice(start, end + 1);
  let items: unknown;
  try {
    items = JSON.parse(array);
  } catch {
    // Brackets that are no JSON: lines, then.
    return undefined;
  }
  const prompts = Array.isArray(items) ? items.map(promptOf) : [];
  return prompts.every((prompt) => prompt !== undefined) ? prompts : undefined;
}

function promptOf(item: unknown): string | undefined {
  if (typeof item === 'string') return item;
  if (typeof item === 'object' && item !== null && 'prompt' in item && typeof item.prompt === 'string') {
    return item.prompt;
  }
  return undefined;
}

function fromLines(body: string): string[] {
  const lines = body.split(/\r\n|[\r\n]/);
  const marker = [numbered, bulleted].find((pattern) => lines.some((line) => pattern.test(line)));
  const prompts = marker ? markedItems(lines, marker) : plainLines(lines);
  return prompts.map((prompt) => withoutQuotes(withoutMarks(prompt)));
}

/** A line below an item goes on with it; after a blank line the model talks about something else. */
function markedItems(lines: readonly string[], marker: RegExp): string[] {
  const items: string[] = [];
  let open = false;
  for (const line of lines) {
    if (marker.test(line)) items.push(line.replace(marker, ''));
    else if (open && line.trim() !== '') items.push(`${items.pop()} ${line.replace(bulleted, '').trim()}`);
    open = line.trim() !== '' && items.length > 0;
  }
  return items;
}

function plainLines(lines: readonly string[]): string[] {
  // Of JSON that was cut off the brackets and commas are left.
  const full = lines
    .map((line) => line.trim().replace(/^\[?\s*(".*")\s*[,\]]?$/, '$1'))
    .filter((line) => line !== '' && !/^[[\]]$/.test(line));
  return full.length > 1 && full[0]?.endsWith(':') ? full.slice(1) : full;
}

/** Without bold around the whole. */
function withoutMarks(item: string): string {
  return item.trim().replace(/^\*\*([^*]+)\*\*$/, '$1');
}
