import { expect, test } from 'vitest';
import { streamAddress } from '../../playground/stream-address.ts';

function addressOf(page: string) {
  const address = streamAddress(new URL(page));
  if (!address.ok) throw new Error(address.problem);
  return address;
}

test('the stream is that of the server that the page came from', () => {
  expect(addressOf('http://127.0.0.1:8000/').url).toBe('ws://127.0.0.1:8000/v1/stream');
});

test('a page over TLS opens a socket over TLS', () => {
  expect(addressOf('https://video.example/').url).toBe('wss://video.example/v1/stream');
});

test('the API key of the page goes to the stream and is not shown', () => {
  const address = addressOf('http://127.0.0.1:8000/?api_key=a%26b');
  expect(address.url).toBe('ws://127.0.0.1:8000/v1/stream');
  expect(address.apiKey).toBe('a&b');
  expect(address.shown).toBe('ws://127.0.0.1:8000/v1/stream');
  expect(address.statusUrl).toBe('http://127.0.0.1:8000/status?api_key=a%26b');
});

test.each([
  ['http://other:9000', 'ws://other:9000/v1/stream'],
  ['wss://other/v1/stream', 'wss://other/v1/stream'],
  ['ws://other/behind/a/proxy', 'ws://other/behind/a/proxy'],
])('?url=%s names another stream', (other, expected) => {
  const address = addressOf(`http://127.0.0.1:8000/?url=${encodeURIComponent(other)}`);
  expect(address.url).toBe(expected);
  expect(address.statusUrl).toBeUndefined();
});

test.each(['nonsense', 'ftp://other/', 'javascript:alert(1)'])('?url=%s is refused in words', (other) => {
  const address = streamAddress(new URL(`http://127.0.0.1:8000/?url=${encodeURIComponent(other)}`));
  expect(address).toMatchObject({ ok: false, problem: expect.stringContaining('?url=') });
});
