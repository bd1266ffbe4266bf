import { expect, test } from 'vitest';
import { endingOf } from '../../../src/client/session-end.ts';

const close = (code: number, wasOpen = true) => ({ code, reason: '', wasOpen });
const error = (code: 'session_rejected' | 'gpu_unavailable' | 'invalid_message', retryable: boolean) =>
  ({ type: 'error', code, message: '', retryable }) as const;

test.each([
  ['the idle limit', close(1000), { leaving: false, timeoutSeconds: 300 }],
  ['the person', close(1000), { leaving: true, complete: 'stop_requested' }],
  ['the server, in good order', close(1000), { leaving: false }],
] as const)('a session ended by %s is over', (_, how, words) => {
  expect(endingOf(how, words).type).toBe('ended');
});

test('a session that reached the segment cap can be continued', () => {
  expect(endingOf(close(1000), { leaving: false, complete: 'segment_cap' }).type).toBe('capped');
});

test.each([
  ['a server that is not there', close(1006, false), { leaving: false }],
  ['a cut connection', close(1006), { leaving: false }],
  ['a server that shuts down', close(1001), { leaving: false, complete: 'stop_requested' }],
  ['no free worker', close(1013), { leaving: false, error: error('gpu_unavailable', true) }],
] as const)('after %s the page tries again', (_, how, words) => {
  expect(endingOf(how, words).type).toBe('lost');
});

test.each([
  ['an invalid opening', close(1003), { leaving: false, error: error('invalid_message', false) }],
  ['a blocked prompt', close(1008), { leaving: false }],
  ['a full server', close(1013), { leaving: false, error: error('session_rejected', false) }],
] as const)('after %s a person has to act', (_, how, words) => {
  expect(endingOf(how, words).type).toBe('refused');
});
