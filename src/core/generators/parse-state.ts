import type { z } from 'zod';
import { FastVideoError } from '../base/errors.ts';
import type { ContinuationState } from '../protocol/continuation-state.ts';

/** The state's payload, checked; throws `preset_mismatch` for another kind or a payload that does not fit. */
export function parseState<Schema extends z.ZodType>(
  state: ContinuationState,
  kind: string,
  schema: Schema,
): z.output<Schema> {
  if (state.kind !== kind) {
    throw new FastVideoError(
      'preset_mismatch',
      `The continuation state is of kind "${state.kind}"; this generator takes "${kind}".`,
    );
  }
  const parsed = schema.safeParse(state.payload);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'payload' : issue.path.join('.');
  throw new FastVideoError(
    'preset_mismatch',
    `The continuation state of kind "${kind}" is damaged: ${where}: ${issue?.message ?? 'not valid'}.`,
    { cause: parsed.error },
  );
}
