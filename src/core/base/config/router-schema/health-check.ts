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
        description: 'Path of the probe; HTTP 200 to 299 is success. Starts with a slash.',
      }),
    interval_seconds: seconds(5, 'Time between two probes of a replica, plus or minus a tenth.'),
    timeout_seconds: seconds(2, 'How long an answer may take.'),
    failure_threshold: count(3, 'Failures in a row that make a replica unhealthy.', { unit: 'failures' }),
    recovery_threshold: count(2, 'Successes in a row that make it healthy again.', { unit: 'successes' }),
    api_key: text(
      'API key that probes send as `X-API-Key`; needed to read the load of replicas with `server.api_keys`. Write it in the file, not on the command line.',
      { secret: true },
    ),
  })
  .meta({ description: 'How the replicas are probed.' });
