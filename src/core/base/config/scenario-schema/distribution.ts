import { z } from 'zod';
import { milliseconds, optionalMilliseconds } from './quantities.ts';

/** A time that is drawn anew each time. */
export function distribution(description: string) {
  return z
    .strictObject({
      distribution: z.enum(['fixed', 'uniform', 'normal', 'lognormal']).default('fixed').meta({
        description:
          'Distribution: `fixed` is always `ms`; `uniform` between `min_ms` and `max_ms`; `normal` around `ms`; `lognormal` around `ms` with a long tail, like real services.',
      }),
      ms: milliseconds('The time; of `normal` the mean, of `lognormal` the median.'),
      min_ms: milliseconds('Never less.'),
      max_ms: optionalMilliseconds('Never more. `uniform` needs it.'),
      deviation_ms: milliseconds('Standard deviation of `normal`.'),
      tail: z.number().min(0).max(5).default(0.5).meta({
        description:
          'How long the tail of `lognormal` is: one in six is above `ms` times e^tail, one in forty above `ms` times e^(2 tail).',
      }),
    })
    .refine(({ distribution, max_ms }) => distribution !== 'uniform' || max_ms !== undefined, {
      path: ['max_ms'],
      message: 'must be given while the distribution is uniform',
    })
    .refine(({ min_ms, max_ms }) => max_ms === undefined || max_ms >= min_ms, {
      path: ['max_ms'],
      message: 'must be at least min_ms',
    })
    .meta({ description });
}
