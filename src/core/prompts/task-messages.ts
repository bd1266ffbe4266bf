import type { ChatRequest, PromptTask } from './provider.ts';
import type { SystemPromptTexts } from './system/built-in-texts.ts';

type RewriteTask = Extract<PromptTask, { operation: 'rewrite' }>;

/** The task as the two messages of a chat. */
export function taskMessages(
  task: PromptTask,
  texts: SystemPromptTexts,
): Pick<ChatRequest, 'task' | 'system' | 'user'> {
  switch (task.operation) {
    case 'enhance':
      return { task, system: texts.enhance, user: task.prompt };
    case 'auto_extend':
      return { task, system: texts.autoExtend, user: `The prompts so far:\n${numberedList(task.previous)}` };
    case 'rewrite': {
      const user = [...(task.anew ? wish(task) : change(task)), `Prompts wanted: ${task.count}`].join('\n\n');
      return { task, system: task.anew ? texts.rewriteUser : texts.rewrite, user };
    }
  }
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

function numberedList(prompts: readonly string[]): string {
  return prompts.map((prompt, index) => `${index + 1}. ${prompt.replace(/\s+/g, ' ')}`).join('\n');
}
