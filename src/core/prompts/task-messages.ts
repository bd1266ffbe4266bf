import type { ChatRequest, PromptTask } from './provider.ts';
import type { SystemPromptTexts } from './system/built-in-texts.ts';

type EnhanceTask = Extract<PromptTask, { operation: 'enhance' }>;
type RewriteTask = Extract<PromptTask, { operation: 'rewrite' }>;

/** The task as the two messages of a chat. */
export function taskMessages(
  task: PromptTask,
  texts: SystemPromptTexts,
): Pick<ChatRequest, 'task' | 'system' | 'user'> {
  switch (task.operation) {
    case 'enhance':
      return { task, system: texts.enhance, user: paragraphs(enhancement(task)) };
    case 'auto_extend':
      return { task, system: texts.autoExtend, user: paragraphs(story(task.previous, task.segment)) };
    case 'rewrite': {
      const what = task.anew ? wish(task) : change(task);
      const user = paragraphs([...what, ...names(task), `Prompts wanted: ${task.count}`]);
      return { task, system: task.anew ? texts.rewriteUser : texts.rewrite, user };
    }
  }
}

function paragraphs(parts: readonly string[]): string {
  return parts.join('\n\n');
}

function enhancement({ prompt, place }: EnhanceTask): string[] {
  if (!place) return [prompt];
  const what =
    place.kind === 'clip'
      ? ['To write: the prompt of one clip that stands by itself.']
      : story(place.previous, place.segment);
  return [...what, `The wish:\n${prompt}`];
}

/** So much of the earlier prompts goes to a model: the latest. */
const mostPrompts = 16;
const mostChars = 16_000;

function story(previous: readonly string[], segment: number | undefined): string[] {
  const told: string[] = [];
  let left = mostChars;
  for (const prompt of previous.slice(-mostPrompts).toReversed()) {
    const line = onOneLine(prompt).slice(0, told.length === 0 ? mostChars : undefined);
    left -= line.length;
    if (left < 0) break;
    told.unshift(line);
  }
  const first = segment === undefined ? 1 : Math.max(1, segment - told.length);
  return [
    ...(told.length === 0 ? [] : [`The prompts so far:\n${numberedList(told, first)}`]),
    ...(segment === undefined ? [] : [`To write: the prompt of segment ${segment}.`]),
  ];
}

function change({ prompts, instruction }: RewriteTask): string[] {
  const what = instruction === '' ? 'Tell the same in other words.' : instruction;
  return [`The present prompts:\n${numberedList(prompts)}`, `The change:\n${what}`];
}

/** A wish that is said in two steps is the first one and what was changed about it. */
function wish({ prompts, instruction }: RewriteTask): string[] {
  const [first, ...later] = [...prompts, instruction].filter((text) => text !== '');
  return [`The wish:\n${first}`, ...later.map((text) => `The change:\n${text}`)];
}

/** For texts of an operator that ask for them in the answer. */
function names({ id, label }: RewriteTask): string[] {
  const given = [...(id ? [`id: ${onOneLine(id)}`] : []), ...(label ? [`label: ${onOneLine(label)}`] : [])];
  return given.length === 0 ? [] : [`The story is called:\n${given.join('\n')}`];
}

function numberedList(prompts: readonly string[], first = 1): string {
  return prompts.map((prompt, index) => `${first + index}. ${onOneLine(prompt)}`).join('\n');
}

function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
