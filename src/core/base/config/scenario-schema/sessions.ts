import { z } from 'zod';
import { optionalCount, whom } from './quantities.ts';

export const QueueFaultsSchema = z
  .strictObject({
    ahead: z.int().min(0).max(1000).default(0).meta({
      description: 'Sessions that wait before this one; `queue_status` counts them down.',
      unit: 'sessions',
    }),
    seconds: z.number().min(0).max(2_000_000).default(0).meta({
      description: 'How long a session waits for a worker.',
      unit: 'seconds',
    }),
    ends_with: z.enum(['worker', 'gpu_unavailable']).default('worker').meta({
      description: 'What the wait ends with: a worker, or the error `gpu_unavailable` and close 1013.',
    }),
    ...whom,
  })
  .meta({ description: 'The wait for a worker.' });

export const SessionFaultsSchema = z
  .strictObject({
    timeout_seconds: z.int().min(0).max(2_000_000).optional().meta({
      description:
        'The time after which a session ends (0: no limit), instead of `streaming.session_timeout_seconds`.',
      unit: 'seconds',
    }),
    limit: optionalCount(
      'Sessions at once, instead of `streaming.max_sessions`; one more gets `session_rejected`.',
      'sessions',
      { min: 0, max: 1_000_000 },
    ),
  })
  .meta({ description: 'Limits of the whole server.' });

export const PresetFaultsSchema = z
  .strictObject({
    loaded: z.string().min(1).max(200).optional().meta({
      description:
        'Preset that the mock reports as loaded; a client that names another one gets `preset_mismatch`.',
    }),
    state_kind: z.string().min(1).max(200).optional().meta({
      description:
        'Kind of continuation state that the mock accepts; a client that sends another kind, or resumes with one, gets `preset_mismatch`.',
    }),
    ...whom,
  })
  .meta({ description: 'A model that does not fit the preset or state of the client. `/v1/stream` only.' });
