import { z } from 'zod';

/** What `.meta()` of a key holds besides its description. */
export interface KeyMeta {
  readonly description?: string;
  /** Unit of the value, e.g. `seconds`. */
  readonly unit?: string;
  /** The default in words, for a key whose default depends on others. */
  readonly defaultNote?: string;
  /** Never printed. */
  readonly secret?: boolean;
}

// Node's timers hold 2^31-1 ms; a longer wait would fire at once.
const maxSeconds = 2_000_000;

/** A time span in seconds, fractions allowed. */
export function seconds(fallback: number, description: string, min = 0.001) {
  return z.number().min(min).max(maxSeconds).default(fallback).meta({ description, unit: 'seconds' });
}

/** A number of bytes, at least `min`. */
export function bytes(fallback: number, description: string, min = 1) {
  return z.int().min(min).max(Number.MAX_SAFE_INTEGER).default(fallback).meta({ description, unit: 'bytes' });
}

/** A whole number of things. */
export function count(fallback: number, description: string, { min = 1, max = 1_000_000, unit = '' } = {}) {
  const meta = unit === '' ? { description } : { description, unit };
  return z.int().min(min).max(max).default(fallback).meta(meta);
}

export function flag(fallback: boolean, description: string) {
  return z.boolean().default(fallback).meta({ description });
}

/** A text that may be left out. */
export function text(description: string, meta: KeyMeta = {}) {
  return z
    .string()
    .min(1)
    .optional()
    .meta({ description, ...meta });
}

/** How long a first frame may take, of a server and of a router; `native`: the default on `/v1/stream`, in words. */
export const openingSeconds = (native: string) => ({
  init_timeout_seconds: z
    .number()
    .min(0.001)
    .max(maxSeconds)
    .optional()
    .meta({
      description:
        'How long a new connection may go without sending any byte of its first frame, and how long nothing more of a frame may arrive. A frame that is arriving may take longer.',
      unit: 'seconds',
      defaultNote: `\`10\`; until the first byte on \`/v1/stream\` ${native}`,
    }),
  init_total_seconds: seconds(
    120,
    'Time limit for the first frame from its first byte on; never less than `init_timeout_seconds`.',
  ),
});
