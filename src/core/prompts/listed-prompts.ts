import { withoutThoughts } from './answer-markers.ts';
import { bareLine, withoutFence } from './clean-answer.ts';
import { fencedTexts } from './fenced-texts.ts';
import { withoutMarker } from './list-marker.ts';
import { promptsInJson } from './prompts-in-json.ts';

/** More than anybody asks for. */
const mostPrompts = 1000;
const mostLines = 10_000;

/** What a model wrote in place of prompts. */
export interface ListedPrompts {
  readonly prompts: readonly string[];
  /** What it calls the whole, where it says so. */
  readonly id?: string;
  readonly label?: string;
}

/**
 * The prompts that a model listed, one line each: JSON in any form that `promptsInJson` reads, code fences, numbered lines
 * (`1.`, `1)`, `**1. …**`, `Prompt 1:`), bulleted lines (`-`, `*`, `•`), or plain lines. What it says around the list is
 * left out. None where one of them is JSON, or has marks of a model left in it.
 *
 * @param cutOff - whether the answer stopped in the middle; the last prompt is not whole then and left out
 */
export function listedPrompts(text: string, cutOff = false): ListedPrompts {
  const said = withoutThoughts(text);
  const fenced = fencedTexts(said, mostPrompts);
  const bodies = fenced.length > 1 ? fenced : [withoutFence(said)];
  const json = promptsInJson(bodies.join('\n'));
  if (json) {
    const { id, label } = json;
    const prompts = bareLines(json.prompts);
    return {
      prompts: json.cutOff ? prompts.slice(0, -1) : prompts,
      ...(id === undefined ? {} : { id }),
      ...(label === undefined ? {} : { label }),
    };
  }
  const prompts = bareLines(fenced.length > 1 ? fenced : fromLines(bodies.join('\n')));
  return { prompts: cutOff ? prompts.slice(0, -1) : prompts };
}

function bareLines(prompts: readonly string[]): string[] {
  const full = prompts.slice(0, mostPrompts).filter((prompt) => prompt.trim() !== '');
  const lines = full.map(bareLine);
  return lines.includes('') ? [] : lines;
}

function fromLines(body: string): string[] {
  const lines = body.split(/\r\n|[\r\n]/, mostLines);
  const prompts = markedItems(lines) ?? plainLines(lines);
  return prompts.slice(0, mostPrompts).map(withoutMarks);
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
