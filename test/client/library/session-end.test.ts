import { expect, test } from 'vitest';
import { endingOf } from '../../../src/client/session-end.ts';

const close = (code: number, wasOpen = true) => ({ code, reason: '', wasOpen });
const error = (code: 'session_rejected' | 'gpu_unavailable' | 'invalid_message', retryable: boolean) =>
  ({ type: 'error', code, message: `It is ${code}; try again.`, retryable }) as const;

test.each([
  ['the idle limit', close(1000), { leaving: false, timeoutSeconds: 300 }, 'idle'],
  ['the person', close(1000), { leaving: true, complete: 'stop_requested' }, 'left'],
  ['the server, in good order', close(1000), { leaving: false }, 'server'],
  ['the segment cap', close(1000), { leaving: false, complete: 'segment_cap' }, 'segment_limit'],
] as const)('a session ended by %s is over', (_, how, words, why) => {
  expect(endingOf(how, words)).toMatchObject({ type: 'ended', why });
});

test.each([
  ['a server that is not there', close(1006, false), { leaving: false }, 'no connection could be opened'],
  ['a cut connection', close(1006), { leaving: false }, 'the connection broke'],
  [
    'a fault of the network',
    { ...close(1006), fault: 'read ECONNRESET' },
    { leaving: false },
    'read ECONNRESET',
  ],
  [
    'a server that shuts down',
    { ...close(1001), reason: 'draining' },
    { leaving: false, active: true, complete: 'stop_requested' },
    'the connection closed with 1001 draining',
  ],
  [
    'no free worker',
    close(1013),
    { leaving: false, error: error('gpu_unavailable', true) },
    'It is gpu_unavailable',
  ],
  [
    'a refusal for now that ends in good order',
    close(1000),
    { leaving: false, error: error('session_rejected', true) },
    'It is session_rejected',
  ],
] as const)('after %s the client tries again, and says why', (_, how, words, why) => {
  expect(endingOf(how, words)).toEqual({ type: 'lost', why });
});

test.each([
  ['an invalid opening', close(1003), { leaving: false, error: error('invalid_message', false) }],
  ['a blocked prompt', close(1008), { leaving: false }],
  ['a full server', close(1013), { leaving: false, error: error('session_rejected', false) }],
  ['an opening that fails', close(1011), { leaving: false, error: error('invalid_message', false) }],
] as const)('after %s a person has to act', (_, how, words) => {
  expect(endingOf(how, words).type).toBe('refused');
});

test('a server that ends an open session says why, if anybody does', () => {
  const words = { leaving: false, active: true };
  expect(endingOf({ ...close(1000), reason: 'enough' }, words)).toMatchObject({
    error: { code: 'session_ended', message: 'The server has ended the session (enough).' },
  });
  expect(endingOf(close(1000), { ...words, error: error('gpu_unavailable', true) })).toMatchObject({
    error: { code: 'gpu_unavailable' },
  });
});
