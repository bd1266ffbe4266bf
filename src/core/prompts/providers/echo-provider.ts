import { pause } from '../../base/async/aborted.ts';
import type { ChatAnswer, PromptProvider, PromptTask } from '../provider.ts';

interface EchoOptions {
  /** Writes the answer; default: the prompt with a mark. */
  readonly write?: (task: PromptTask) => string;
  /** How long that takes, in milliseconds; default: no time at all. */
  readonly latencyMs?: (task: PromptTask) => number;
}

/** Gives prompts back with a small change that shows: for pipes and front ends, without a network. */
export function createEchoProvider(
  name = 'echo',
  { write = marked, latencyMs }: EchoOptions = {},
): PromptProvider {
  return {
    name,
    model: 'echo',
    async complete({ task, model = 'echo' }, signal): Promise<ChatAnswer> {
      if (latencyMs) await pause(latencyMs(task), signal);
      signal.throwIfAborted();
      return { text: write(task), model, cutOff: false };
    },
  };
}

function marked(task: PromptTask): string {
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
