import { z } from 'zod';

/** Longest span that Node's timers hold, about. */
const maxMs = 2_000_000_000;

export function milliseconds(description: string) {
  return optionalMilliseconds(description).unwrap().default(0).meta({ description, unit: 'milliseconds' });
}

export function optionalMilliseconds(description: string) {
  return z.number().min(0).max(maxMs).optional().meta({ description, unit: 'milliseconds' });
}

export function optionalCount(description: string, unit: string, { min = 1, max = 1_000_000_000 } = {}) {
  return z.int().min(min).max(max).optional().meta({ description, unit });
}

/** Which segment of a session a fault is for. */
export const segment = (fallback: number) =>
  z.int().min(0).max(1_000_000).default(fallback).meta({
    description:
      'Which segment of a session: 1 is the first one that begins while this scenario is active, 0 is every one. A segment that fails counts.',
  });

/** How often a fault happens where it could. */
export const often = {
  times: z.int().min(1).max(1_000_000).optional().meta({
    description: 'How many times in each session.',
    defaultNote: 'every time',
  }),
  probability: z.number().min(0).max(1).default(1).meta({
    description: 'Probability each time that it could happen.',
    unit: 'probability',
  }),
};

/** Which sessions a fault is for. */
export const whom = {
  sessions: z
    .union([
      z.enum(['every', 'first']),
      z.array(z.int().min(1).max(1_000_000)).min(1).max(1000),
      z.number().min(0).max(1),
    ])
    .default('every')
    .meta({
      description:
        'Which connections: `every`, the `first`, a list of them such as `[1, 3]` counted from the start of the scenario, or a probability for each.',
    }),
};
