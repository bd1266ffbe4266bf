import type { CommandDefinition } from './command-definition.ts';
export const encodeCommand: CommandDefinition = {
  name: 'encode',
  description: 'soon',
  options: [],
  examples: [],
  load: async () => ({ run: async () => 1 }),
};
