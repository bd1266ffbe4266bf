import { parseJson } from '../base/json.ts';
import { lenientJson } from './lenient-json.ts';

/** What an answer in JSON holds. */
export interface JsonReading {
  /** Empty where it holds something else, such as a scene in parts. */
  readonly prompts: readonly string[];
  readonly id?: string;
  readonly label?: string;
  /** Whether the text ended before the JSON did. */
  readonly cutOff: boolean;
}

/** Names as they are looked at: `next_prompt`, `nextPrompt` and `Next prompt` are one. */
const bare = (name: string) => name.replace(/[^\p{L}\d]/gu, '').toLowerCase();

/** What models call the member that holds a prompt, or a list of them; the first kind of which one can be read. */
const promptNames: readonly RegExp[] = [
  /^(?!negative|original|user|input|system|old|previous|current|source)\p{L}{0,40}prompts?(?:text)?$/u,
  /^(?:new|rewritten|video)?(?:segments|scenes|shots|clips|rewrites|variations|versions)$/,
  /^(?:enhanced|rewritten|text|content|description|caption|videodescription)$/,
  // The whole within something: a rollout, the arguments of a tool.
  /^(?:\w{0,20}rollout|result|response|output|answer|final|data|json|arguments|parameters|input)$/,
];
/** `1`, `segment_1`, `scene 2`, `shot-3`: the members of a list that is written as an object. */
const itemName = /^(?:(?:\w{1,20}[ _-])?(?:prompt|scene|shot|segment|clip|version|option)[ _-]?)?(\d{1,3})$/i;
/** What is no prompt, also where nothing else is said. */
const noPrompt = /error|refus|reason|message|status|thought|title|name|type|note/i;
const rolloutName = /rollout$/i;

const mostStarts = 1000;
const longestSearched = 262_144;
const longestName = 200;
const deepest = 6;

/**
 * The prompts in a JSON text, or in JSON with words around it: one or a list, alone or in the member of an object that is
 * called so, with the `id` and `label` beside it. JSON that is not quite right is read too. Undefined for a text that
 * is none; words around JSON that holds no prompt are a text.
 */
export function promptsInJson(text: string): JsonReading | undefined {
  const trimmed = text.trim();
  if (/^[[{"]/.test(trimmed)) {
    const strict = parseJson(trimmed);
    if (strict !== undefined) return reading(strict, true, false);
    const lenient = trimmed.startsWith('"') ? undefined : lenientJson(trimmed, 0);
    if (lenient && (!lenient.whole || lenient.end === trimmed.length)) {
      return reading(lenient.value, true, !lenient.whole);
    }
  }
  const found = embedded(trimmed.slice(0, longestSearched));
  return found.length === 0 ? undefined : joined(found);
}

/** What can be read of the JSON in a text, one after the other. */
function embedded(text: string): JsonReading[] {
  const readings: JsonReading[] = [];
  const starts = /[{[](?=\s*["'“{[\w])/g;
  for (let count = 0; count < mostStarts; count += 1) {
    const start = starts.exec(text);
    if (!start) break;
    const found = lenientJson(text, start.index);
    if (!found) continue;
    starts.lastIndex = found.end;
    const read = reading(found.value, false, !found.whole);
    if (read.prompts.length > 0) readings.push(read);
  }
  return readings;
}

function joined(readings: readonly JsonReading[]): JsonReading {
  const names = readings.find(({ id, label }) => id !== undefined || label !== undefined);
  return {
    ...names,
    prompts: readings.flatMap(({ prompts }) => prompts),
    cutOff: readings.some(({ cutOff }) => cutOff),
  };
}

/** @param alone - nothing else was said: then also a text under another name is the prompt */
function reading(value: unknown, alone: boolean, cutOff: boolean): JsonReading {
  const prompts = promptsOf(value, alone, 0) ?? [];
  return { prompts, ...namesIn(value), cutOff };
}

function promptsOf(value: unknown, alone: boolean, depth: number): readonly string[] | undefined {
  if (depth > deepest) return undefined;
  if (Array.isArray(value)) return all(value.map((item) => promptOf(item, depth)));
  if (typeof value === 'string') return textOf(value, depth);
  if (typeof value !== 'object' || value === null) return undefined;
  const members = Object.entries(value);
  for (const pattern of promptNames) {
    for (const [name, inner] of members) {
      const prompts = pattern.test(bare(name)) ? promptsOf(inner, false, depth + 1) : undefined;
      if (prompts) return prompts;
    }
  }
  const items = members.flatMap(([name, item]) => {
    const number = itemName.exec(name.trim())?.[1];
    return number === undefined ? [] : [{ number: Number(number), item }];
  });
  if (items.length > 0) {
    const inOrder = items.toSorted((one, other) => one.number - other.number);
    return all(inOrder.map(({ item }) => promptOf(item, depth)));
  }
  const [only] = members;
  if (!alone || members.length !== 1 || only === undefined || noPrompt.test(only[0])) return undefined;
  return promptsOf(only[1], true, depth + 1);
}

/** A text that is JSON itself is what that holds. */
function textOf(text: string, depth: number): readonly string[] | undefined {
  if (text.trim() === '') return undefined;
  const inner = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  return typeof inner === 'object' && inner !== null ? promptsOf(inner, true, depth + 1) : [text];
}

function promptOf(item: unknown, depth: number): string | undefined {
  const prompts = Array.isArray(item) ? undefined : promptsOf(item, true, depth + 1);
  return prompts?.length === 1 ? prompts[0] : undefined;
}

/** None of them, where one is none, or there are none. */
function all(prompts: readonly (string | undefined)[]): readonly string[] | undefined {
  const found = prompts.filter((prompt) => prompt !== undefined);
  return found.length > 0 && found.length === prompts.length ? found : undefined;
}

/** `id` and `label` of the whole, or of the rollout within it. */
function namesIn(value: unknown): { readonly id?: string; readonly label?: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const members = new Map<string, unknown>(Object.entries(value));
  const id = nameOf(members.get('id'));
  const label = nameOf(members.get('label'));
  const rollout = [...members].find(([name]) => rolloutName.test(name))?.[1];
  return {
    ...namesIn(rollout),
    ...(id === undefined ? {} : { id }),
    ...(label === undefined ? {} : { label }),
  };
}

function nameOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() : '';
  return text === '' || text.length > longestName ? undefined : text;
}
