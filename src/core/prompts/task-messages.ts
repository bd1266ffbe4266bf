import type { ChatRequest, PromptTask } from './provider.ts';
import type { SystemPromptTexts } from './system/built-in-texts.ts';

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
      const present =
        task.prompts.length > 0 ? `The present prompts:\n${numberedList(task.prompts)}\n\n` : '';
      const change = task.instruction === '' ? 'Tell the same in other words.' : task.instruction;
      const wanted = `Prompts wanted: ${task.count}`;
      return { task, system: texts.rewrite, user: `${present}The change:\n${change}\n\n${wanted}` };
    }
  }
}

function numberedList(prompts: readonly string[]): string {
  return prompts.map((prompt, index) => `${index + 1}. ${prompt.replace(/\s+/g, ' ')}`).join('\n');
}
