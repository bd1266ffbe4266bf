import { z } from 'zod';
import type { ConfigOf } from '../load-config.ts';
import { ConnectionTroubleSchema, MediaTroubleSchema } from './connection.ts';
import { LatencySchema, StallTroubleSchema, WorkerTroubleSchema } from './generation.ts';
import { ProviderTroubleSchema, SafetyTroubleSchema } from './prompts.ts';
import { PresetTroubleSchema, QueueTroubleSchema, SessionTroubleSchema } from './sessions.ts';

/** What `fastvideo mock` does badly on purpose. Every section may be left out. */
export const ScenarioSchema = z.strictObject({
  name: z.string().max(100).optional().meta({ description: 'What it is called, for people.' }),
  description: z.string().max(2000).optional().meta({ description: 'What it shows, for people.' }),
  seed: z.int().min(0).max(4_294_967_295).default(1).meta({
    description: 'Decides all that is drawn: the same seed gives the same trouble.',
  }),
  latency: LatencySchema.prefault({}),
  queue: QueueTroubleSchema.prefault({}),
  worker: WorkerTroubleSchema.prefault({}),
  stall: StallTroubleSchema.prefault({}),
  provider: ProviderTroubleSchema.prefault({}),
  safety: SafetyTroubleSchema.prefault({}),
  session: SessionTroubleSchema.prefault({}),
  connection: ConnectionTroubleSchema.prefault({}),
  media: MediaTroubleSchema.prefault({}),
  preset: PresetTroubleSchema.prefault({}),
});

export type Scenario = ConfigOf<typeof ScenarioSchema>;
