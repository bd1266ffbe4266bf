import { z } from 'zod';
import type { ConfigOf } from '../load-config.ts';
import { DefaultRequestSchema } from './default-request.ts';
import { GeneratorSchema } from './generator.ts';
import { JobsSchema } from './jobs.ts';
import { MockSchema } from './mock.ts';
import { ServerSchema } from './server.ts';
import { StreamingSchema } from './streaming.ts';

/** The config file that `serve` and `mock` share. Keys are as in the file; every section may be left out. */
export const ServeConfigSchema = z.strictObject({
  generator: GeneratorSchema.prefault({}),
  server: ServerSchema.prefault({}),
  default_request: DefaultRequestSchema.prefault({}),
  streaming: StreamingSchema.prefault({}),
  jobs: JobsSchema.prefault({}),
  mock: MockSchema.prefault({}),
});

/** A loaded config: every default filled in, frozen to the last leaf. */
export type ServeConfig = ConfigOf<typeof ServeConfigSchema>;

/** How many sessions may be open at once; `workers` is how many the pool runs. */
export function sessionLimit(config: ServeConfig, workers: number): number {
  return config.streaming.max_sessions ?? workers + 16;
}
