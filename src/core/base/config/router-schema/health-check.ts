import { z } from 'zod';
import { count, seconds, text } from '../serve-schema/quantities.ts';

export const HealthCheckSchema = z
  .strictObject({
    path: z
      .string()
      .refine((path) => /^\/(?!\/)[^#\s]*$/.test(path), {
        error: 'must be a path that begins with one slash',
      })
      .default('/health')
      .meta({
        description: 'Path that is asked; an answer from 200 to 299 is a good one. Starts with a slash.',
      }),
    interval_seconds: seconds(5, 'Time from one probe of a replica to its next, give or take a tenth.'),
    timeout_seconds: seconds(2, 'How long an answer may take.'),
    failure_threshold: count(3, 'Failures in a row that make a replica unhealthy.', { unit: 'failures' }),
    recovery_threshold: count(2, 'Successes in a row that make it healthy again.', { unit: 'successes' }),
    api_key: text(
      'Key that probes present as `X-API-Key`; needed for the load of replicas that ask for keys. Give it to the file, not to the command line.',
      { secret: true },
    ),
  })
  .meta({ description: 'How the replicas are probed.' });
