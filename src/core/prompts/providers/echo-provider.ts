import type { ChatAnswer, PromptProvider, PromptTask } from '../provider.ts';

/** Gives prompts back with a small change that shows: for pipes and front ends, without a network. */
export function createEchoProvider(name = 'echo'): PromptProvider {
  return {
    name,
    model: 'echo',
    async complete({ task }, signal): Promise<ChatAnswer> {
      signal.throwIfAborted();
      return { text: echo(task), model: 'echo', cutOff: false };
    },
  };
}

function echo(task: PromptTask): string {
  switch (task.operation) {
    case 'enhance':
      return `${task.prompt} (enhanced)`;
    case 'auto_extend':
      return `${task.previous.at(-1)} (continued)`;
    case 'rewrite':
      return Array.from({ length: task.count }, (_, index) => {
        const seed = task.prompts[index % Math.max(1, task.prompts.length)] ?? task.instruction;
        return `${index + 1}. ${seed.replace(/\s+/g, ' ')} (rewrite ${index + 1})`;
      }).join('\n');
  }
}
