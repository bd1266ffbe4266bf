import { z } from 'zod';
import { distribution } from './distribution.ts';
import { often, optionalCount, segment, whom } from './quantities.ts';

export const LatencySchema = z
  .strictObject({
    first_frame: distribution(
      'Wait before the first frame of a segment, in addition to `mock.sleep_ms`.',
    ).prefault({}),
    per_frame: distribution('Wait before each further frame.').prefault({}),
    ...whom,
  })
  .meta({ description: 'How long generating a segment takes.' });

export const WorkerFaultsSchema = z
  .strictObject({
    dies_at_frame: optionalCount(
      'The worker dies at this frame of a segment, 1 being the first: `worker_failed`.',
      'frames',
    ),
    segment: segment(0),
    ...often,
    ...whom,
  })
  .meta({ description: 'A worker that dies; the session continues with another.' });

export const StallFaultsSchema = z
  .strictObject({
    at_frame: optionalCount(
      'The worker hangs at this frame of a segment: `upstream_timeout` after the time-out.',
      'frames',
    ),
    timeout_seconds: z.number().min(0.05).max(2_000_000).default(5).meta({
      description: 'Limit of a segment that hangs, instead of `streaming.segment_timeout_seconds`.',
      unit: 'seconds',
    }),
    segment: segment(0),
    ...often,
    ...whom,
  })
  .meta({ description: 'A worker that hangs.' });
