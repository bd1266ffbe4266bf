import type { CommandDefinition } from './command-definition.ts';
import { serverOptions } from './server-options.ts';

export const mockCommand: CommandDefinition = {
  name: 'mock',
  description: 'Serve a test pattern and a tone over the same protocol, for front-end work without a GPU',
  options: [
    ...serverOptions,
    { flags: '--sleep-ms <ms>', description: 'wait before the first frame of each segment (mock.sleep_ms)' },
  ],
  examples: [
    'fastvideo mock',
    'fastvideo mock --sleep-ms 1500',
    'fastvideo mock --port 0 --default_request.sampling.num_frames 48',
  ],
  passThroughUnknown: true,
  load: () => import('./mock.ts'),
};
