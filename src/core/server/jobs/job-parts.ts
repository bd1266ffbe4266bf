import type { Logger } from '../../base/log.ts';
import type { JobFolder } from '../../jobs/job-folder.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import type { Stills } from '../../media/stills.ts';
import type { Pool } from '../../pool/pool.ts';
import type { PromptEnhancer } from '../../prompts/enhancer.ts';
import type { Capabilities } from '../../protocol/worker/capabilities.ts';
import type { PromptGate } from '../prompt-gate.ts';
import type { JobSettings } from './plan-job.ts';
import type { ReferenceOptions } from './reference.ts';

/** What the routes of jobs work with. */
export interface JobRouteParts {
  readonly jobs: Jobs;
  readonly folder: JobFolder;
  readonly stills: Stills;
  readonly settings: JobSettings;
  /** How long an ended job is kept. */
  readonly ttlMs: number;
  readonly pool: Pick<Pool, 'status'>;
  /** The model of the config, until one is loaded. */
  readonly modelId: string;
  readonly gate: PromptGate;
  /** Unset: no prompt is enhanced. */
  readonly enhancer?: PromptEnhancer;
  readonly references: ReferenceOptions;
  readonly logger: Logger;
}

/** What is loaded; null while nothing is. */
export function modelOf({ pool, modelId }: Pick<JobRouteParts, 'pool' | 'modelId'>): {
  readonly modelId: string;
  readonly capabilities: Capabilities | null;
} {
  const loaded = pool.status().workers.find((worker) => worker.capabilities !== null);
  return { modelId: loaded?.modelId ?? modelId, capabilities: loaded?.capabilities ?? null };
}
