import { z } from 'zod';
import { flag, text } from './quantities.ts';

export const MockSchema = z
  .strictObject({
    sleep_ms: z.int().min(0).max(3_600_000).default(0).meta({
      description: 'Delay before the first frame of each segment.',
      unit: 'milliseconds',
    }),
    audio: flag(true, 'Whether the mock generates a tone.'),
    scenario: text(
      'Scenario of faults: the name of a ready-made one, or the path of a YAML or JSON file (docs/mock.md).',
      { defaultNote: 'no trouble' },
    ),
  })
  .meta({ description: 'The mock generator (`fastvideo mock`).' });
