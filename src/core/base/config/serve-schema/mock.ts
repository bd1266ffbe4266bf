import { z } from 'zod';
import { flag, text } from './quantities.ts';

export const MockSchema = z
  .strictObject({
    sleep_ms: z.int().min(0).max(3_600_000).default(0).meta({
      description: 'Latency added to each segment before its first frame.',
      unit: 'milliseconds',
    }),
    audio: flag(true, 'Whether the mock makes a tone.'),
    scenario: text(
      'Trouble on demand: the name of a ready-made scenario, or the path of a YAML or JSON file (docs/mock.md).',
      { defaultNote: 'no trouble' },
    ),
  })
  .meta({ description: 'The mock generator (`fastvideo mock`).' });
