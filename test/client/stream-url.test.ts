import { describe, expect, it } from 'vitest';
import { reconnectDelayMs } from '../../src/core/client/reconnect-delay.ts';
import { readStreamUrl, showStreamUrl } from '../../src/core/client/stream-url.ts';

describe('readStreamUrl', () => {
  it.each([
    ['ws://host:8000/v1/stream', 'ws://host:8000/v1/stream'],
    ['ws://host:8000', 'ws://host:8000/v1/stream'],
    ['wss://host/elsewhere', 'wss://host/elsewhere'],
    ['http://host:8000', 'ws://host:8000/v1/stream'],
    ['https://host/', 'wss://host/v1/stream'],
    ['https://host/video/', 'wss://host/video/v1/stream'],
    ['http://host/v1/stream', 'ws://host/v1/stream'],
    ['http://host/video/v1/stream/', 'ws://host/video/v1/stream'],
    ['ws://host/video/v1/stream//', 'ws://host/video/v1/stream'],
    ['ws://host/?api_key=k#there', 'ws://host/v1/stream?api_key=k'],
  ])('reads %s as %s', (text, url) => {
    expect(readStreamUrl(text).href).toBe(url);
  });

  it.each(['host:8000', 'ftp://host', 'ws://me:secret@host/', ''])('refuses %j', (text) => {
    expect(() => readStreamUrl(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it('does not show a key', () => {
    expect(showStreamUrl(readStreamUrl('ws://host:8000/?api_key=secret'))).toBe('ws://host:8000/v1/stream');
  });
});

describe('reconnectDelayMs', () => {
  it('grows up to 8 s, ends with the limit, and is over after it', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((attempt) => reconnectDelayMs(attempt, 0, 60_000));
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000]);
    expect([reconnectDelayMs(9, 59_000, 60_000), reconnectDelayMs(9, 60_000, 60_000)]).toEqual([
      1000,
      undefined,
    ]);
  });
});
