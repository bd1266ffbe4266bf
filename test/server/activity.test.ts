import { expect, it } from 'vitest';
import { FastVideoError } from '../../src/core/base/errors.ts';
import { Activity } from '../../src/core/server/activity.ts';

it.each([
  [
    'invalid_message',
    'The message is not valid: unknown type "my \\"secret\\" fox".',
    'The message is not valid: unknown type "…".',
  ],
  [
    'invalid_message',
    'segment_prompt_source: seed: Invalid input',
    'segment_prompt_source: seed: Invalid input',
  ],
  ['prompt_blocked', 'The prompt "fox" is blocked.', 'The safety filter blocked the prompt.'],
  ['worker_failed', 'The worker died.', 'The worker died.'],
] as const)('of %s (%s) keeps the cause, without the words of a client', (code, message, told) => {
  const activity = new Activity((text) => text);
  activity.error(new FastVideoError(code, message));
  expect(activity.describe().recent_errors).toMatchObject([{ code, message: told }]);
});
