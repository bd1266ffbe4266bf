import type { CommandDefinition } from './command-definition.ts';
import { exitCodes } from './exit-codes.ts';

export const enhanceCommand: CommandDefinition = {
  name: 'enhance',
  description:
    'Improve prompts from stdin or from the arguments: one line out for each line in, in the same order',
  options: [
    {
      flags: '--op <operation>',
      description:
        'enhance, auto-extend (the prompt of the next shot) or rewrite (alternatives, separated by tabs)',
      default: 'enhance',
      choices: ['enhance', 'auto-extend', 'rewrite'],
    },
    { flags: '--count <n>', description: 'alternatives for each prompt, with --op rewrite (default: 3)' },
    {
      flags: '--provider <names>',
      description:
        'cerebras, groq, openai (any compatible endpoint) or echo (offline); several separated by commas: the next one is asked when one fails (default: cerebras, or openai with --base-url)',
      choices: ['cerebras', 'groq', 'openai', 'echo'],
    },
    { flags: '--model <name>', description: "the first provider's model", default: 'gpt-oss-120b' },
    { flags: '--base-url <url>', description: 'endpoint of openai, e.g. http://127.0.0.1:11434/v1' },
    {
      flags: '--system-prompt <file>',
      description: 'file with the system prompt, instead of the built-in one',
    },
    { flags: '--temperature <n>', description: 'sampling temperature, 0 to 2', default: '0.7' },
    {
      flags: '--max-tokens <n>',
      description: 'longest answer in tokens, including reasoning',
      default: '2048',
    },
    {
      flags: '--timeout <ms>',
      description: 'time limit of one call, and of the wait that a busy provider asks for',
      default: '20000',
    },
    { flags: '--concurrency <n>', description: 'prompts processed at once, 1 to 256', default: '8' },
    {
      flags: '--on-error <what>',
      description:
        'when a prompt fails: fail (exit with 1), keep (write the line unchanged) or skip (write no line)',
      default: 'fail',
      choices: ['fail', 'keep', 'skip'],
    },
    {
      flags: '--json',
      description: 'JSON lines: prompt, content, provider, model, latency_ms, fallback_used, error',
    },
  ],
  examples: [
    'cat prompts.txt | fastvideo enhance > better.txt',
    'fastvideo enhance "a fox" "a dog" --provider echo',
    'fastvideo enhance --base-url http://127.0.0.1:11434/v1 --model llama3.2 --json < prompts.txt',
    'fastvideo enhance --provider cerebras,groq --on-error keep < prompts.txt',
    'fastvideo enhance --op rewrite --count 4 "a red fox in blue snow"',
  ],
  takesPrompts: true,
  exitCodes: exitCodes({
    done: 'every line was answered, or --on-error kept or skipped it',
    failed: 'the key of the provider is missing, or no provider could answer a line',
    usage: 'wrong usage: an option, no prompt, or a file to read that is missing or unfit',
    interrupted: 'interrupted',
  }),
  load: () => import('./enhance.ts'),
};
