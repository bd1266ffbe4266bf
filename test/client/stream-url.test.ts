import { describe, expect, it } from 'vitest';
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
