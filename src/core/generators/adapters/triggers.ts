import type { AdapterSelection } from './selection.ts';

/** What an adapter adds to a prompt. */
export interface Trigger {
  readonly name: string;
  readonly trigger?: string | undefined;
  readonly trigger_position: 'prepend' | 'append';
}

/** The triggers of a selection, those that stand before the prompt first. */
export function triggersOf(
  selection: AdapterSelection,
  declared: readonly Trigger[],
): { readonly before: readonly string[]; readonly behind: readonly string[] } {
  const chosen = selection.flatMap(({ name }) => declared.find((adapter) => adapter.name === name) ?? []);
  const at = (position: Trigger['trigger_position']) =>
    chosen.flatMap((adapter) => (adapter.trigger_position === position ? (adapter.trigger ?? []) : []));
  return { before: at('prepend'), behind: at('append') };
}

/** The prompt with the triggers of a selection; one that stands in it as a word of its own is not written again. */
export function withTriggers(
  prompt: string,
  selection: AdapterSelection,
  declared: readonly Trigger[],
): string {
  const { before, behind } = triggersOf(selection, declared);
  let result = prompt;
  for (const trigger of before) if (!isIn(trigger, result)) result = `${trigger} ${result}`;
  for (const trigger of behind) if (!isIn(trigger, result)) result = `${result} ${trigger}`;
  return result;
}

function isIn(trigger: string, prompt: string): boolean {
  const literal = trigger.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, 'iu').test(prompt);
}
