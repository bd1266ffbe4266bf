import { parseJson } from '../base/json.ts';

/** What models call the member that holds a prompt, or a list of them; the first that is there. */
const promptNames = [
  /^(?:\w{1,40}_)?prompts?(?:_text)?$/i,
  /^(?:enhanced|rewritten|rewrites|text|content|description)$/i,
];
/** `1`, `prompt_1`, `prompt 2`: the members of a list that is written as an object. */
const itemName = /^(?:(?:prompt|scene|shot|version|option)[ _-]?)?\d{1,3}$/i;

/**
 * The prompts of a JSON text: one or a list, alone or in the member of an object that is called so. Undefined for a text
 * that is no JSON, and for JSON that holds something else, such as a scene in parts.
 */
export function promptsInJson(text: string): string[] | undefined {
  return /^\s*[[{"]/.test(text) ? promptsOf(parseJson(text)) : undefined;
}

function promptsOf(value: unknown): string[] | undefined {
  if (Array.isArray(value)) return all(value.map(promptOf));
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return undefined;
  const members = Object.entries(value);
  if (members.length > 0 && members.every(([name]) => itemName.test(name))) {
    return all(members.map(([, item]) => promptOf(item)));
  }
  const held = promptNames
    .map((pattern) => members.find(([name]) => pattern.test(name)))
    .find((member) => member !== undefined);
  if (held === undefined && members.length !== 1) return undefined;
  const [, inner] = held ?? members[0] ?? [];
  if (typeof inner === 'string') return [inner];
  return Array.isArray(inner) ? all(inner.map(promptOf)) : undefined;
}

function promptOf(item: unknown): string | undefined {
  if (typeof item === 'string') return item;
  const prompts = typeof item === 'object' && !Array.isArray(item) ? promptsOf(item) : undefined;
  return prompts?.length === 1 ? prompts[0] : undefined;
}

/** None of them, where one is none, or there are none. */
function all(prompts: readonly (string | undefined)[]): string[] | undefined {
  const found = prompts.filter((prompt) => prompt !== undefined);
  return found.length > 0 && found.length === prompts.length ? found : undefined;
}
