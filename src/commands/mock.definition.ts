import type { CommandDefinition } from './command-definition.ts';
import { serverExitCodes } from './exit-codes.ts';
import { serverOptions } from './server-options.ts';

/** Those in configs/scenarios; a test keeps the two alike. */
export const scenarioNames = [
  'bad-day',
  'blocked-prompts',
  'dropped-connection',
  'flaky-worker',
  'garbage-media',
  'long-queue',
  'missing-fragment',
  'no-gpu',
  'preset-mismatch',
  'provider-down',
  'provider-slow',
  'safety-away',
  'server-full',
  'server-restart',
  'session-timeout',
  'short-init',
  'slow-worker',
  'stalled-worker',
  'wrong-codec',
] as const;

export const mockCommand: CommandDefinition = {
  name: 'mock',
  description:
    'Serve a test pattern and a tone over the same protocol, for front-end development without a GPU',
  options: [
    ...serverOptions,
    { flags: '--sleep-ms <ms>', description: 'wait before the first frame of each segment (mock.sleep_ms)' },
    {
      flags: '--scenario <name|file>',
      description: `scenario of faults (mock.scenario, docs/mock.md); ready-made: ${scenarioNames.join(', ')}`,
      choices: scenarioNames,
    },
    { flags: '--record <dir>', description: 'record both directions of each connection in this folder' },
    {
      flags: '--replay <path>',
      description: 'answer connections from the recordings of this folder, or from one .jsonl file',
    },
    {
      flags: '--replay-speed <factor>',
      description: 'replay this many times as fast; 0: without pauses (default: 1)',
    },
  ],
  examples: [
    'fastvideo mock',
    'fastvideo mock --sleep-ms 1500',
    'fastvideo mock --scenario flaky-worker',
    'fastvideo mock --port 0 --default_request.sampling.num_frames 48',
    'fastvideo mock --record recordings',
    'fastvideo mock --replay recordings --replay-speed 4',
  ],
  passThroughUnknown: true,
  exitCodes: serverExitCodes,
  load: () => import('./mock.ts'),
};
