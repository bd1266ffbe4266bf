import { z } from 'zod';
import type { ConfigOf } from '../load-config.ts';
import { ConnectionFaultsSchema, MediaFaultsSchema } from './connection.ts';
import { LatencySchema, StallFaultsSchema, WorkerFaultsSchema } from './generation.ts';
import { ProviderFaultsSchema, SafetyFaultsSchema } from './prompts.ts';
import { PresetFaultsSchema, QueueFaultsSchema, SessionFaultsSchema } from './sessions.ts';

/** What `fastvideo mock` does badly on purpose. Every section may be left out. */
export const ScenarioSchema = z.strictObject({
  name: z.string().max(100).optional().meta({ description: 'Name of the scenario, for people.' }),
  description: z.string().max(2000).optional().meta({ description: 'What the scenario shows, for people.' }),
  seed: z.int().min(0).max(4_294_967_295).default(1).meta({
    description: 'Seed of all random choices: the same seed gives the same faults.',
  }),
  latency: LatencySchema.prefault({}),
  queue: QueueFaultsSchema.prefault({}),
  worker: WorkerFaultsSchema.prefault({}),
  stall: StallFaultsSchema.prefault({}),
  provider: ProviderFaultsSchema.prefault({}),
  safety: SafetyFaultsSchema.prefault({}),
  session: SessionFaultsSchema.prefault({}),
  connection: ConnectionFaultsSchema.prefault({}),
  media: MediaFaultsSchema.prefault({}),
  preset: PresetFaultsSchema.prefault({}),
});

export type Scenario = ConfigOf<typeof ScenarioSchema>;
