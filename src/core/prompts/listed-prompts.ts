import { withoutThoughts } from './answer-markers.ts';
import { onOneLine, withoutFence, withoutLabel, withoutQuotes } from './clean-answer.ts';
import { fencedTexts } from './fenced-texts.ts';
import { withoutMarker } from './list-marker.ts';
import { promptsInJson } from './prompts-in-json.ts';

/** More than anybody asks for. */
const mostPrompts = 1000;
const mostLines = 10_000;

/**
 * The prompts that a model listed, one line each: JSON (an array of texts, or of objects with a `prompt`, or an object that
 * holds one), code fences, numbered lines (`1.`, `1)`, `**1. …**`, `Prompt 1:`), bulleted lines (`-`, `*`, `•`), or plain
 * lines. What it says around the list is left out.
 *
 * @param cutOff - whether the answer stopped in the middle; the last prompt is not whole then and left out
 */
export function listedPrompts(text: string, cutOff = false): string[] {
  const said = withoutThoughts(text);
  const fenced = fencedTexts(said, mostPrompts);
  const listed = fenced.length > 1 ? fenced : listedIn(withoutFence(said));
  const prompts = listed
    .slice(0, mostPrompts)
    .map(onOneLine)
    .filter((prompt) => prompt !== '');
  return cutOff ? prompts.slice(0, -1) : prompts;
}

function listedIn(body: string): string[] {
  return promptsInJson(body) ?? fromArray(body) ?? fromLines(body);
}

/** An array with talk around it. */
function fromArray(body: string): string[] | undefined {
  const [start, end] = [body.indexOf('['), body.lastIndexOf(']')];
  return start < 0 || end < start ? undefined : promptsInJson(body.slice(start, end + 1));
}

function fromLines(body: string): string[] {
  const lines = body.split(/\r\n|[\r\n]/, mostLines);
  const prompts = markedItems(lines) ?? plainLines(lines);
  return prompts.slice(0, mostPrompts).map((prompt) => {
    const bare = withoutMarks(prompt);
    return promptsInJson(bare)?.join(' ') ?? withoutQuotes(withoutLabel(bare));
  });
}

/** A line below an item goes on with it; after a blank line the model talks about something else. */
function markedItems(lines: readonly string[]): string[] | undefined {
  const kind = kindOf(lines);
  if (kind === undefined) return undefined;
  const items: string[][] = [];
  let open = false;
  for (const line of lines) {
    const item = withoutMarker(line, kind);
    if (item !== undefined) items.push(item === '' ? [] : [item]);
    else if (open && line.trim() !== '') {
      items.at(-1)?.push((withoutMarker(line, 'bulleted') ?? line).trim());
    }
    // A heading has its text below it, mostly after a blank line.
    open = items.length > 0 && (line.trim() !== '' || items.at(-1)?.length === 0);
  }
  return items.map((parts) => parts.join(' '));
}

/** The mark of the first line that has a number, or else bullets. */
function kindOf(lines: readonly string[]) {
  for (const line of lines) {
    const kind = (['labelled', 'numbered'] as const).find((one) => withoutMarker(line, one) !== undefined);
    if (kind !== undefined) return kind;
  }
  return lines.some((line) => withoutMarker(line, 'bulleted') !== undefined) ? 'bulleted' : undefined;
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
