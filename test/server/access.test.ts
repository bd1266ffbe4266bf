import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type AccessOptions, checkAccess, checkPage, isLoopback } from '../../src/core/server/access.ts';

function request(headers: Record<string, string>, url = '/v1/stream'): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  Object.assign(message.headers, { host: 'video.example:8000', ...headers });
  message.url = url;
  message.method = 'GET';
  return message;
}

const open: AccessOptions = {
  apiKeys: [],
  allowedOrigins: [],
  allowedHosts: [],
  loopback: false,
  allAddresses: false,
};
const local: AccessOptions = { ...open, loopback: true };
const keyed: AccessOptions = { ...open, apiKeys: ['first-key', 'second-key'] };

describe('access', () => {
  it('lets programs without an Origin in', () => {
    expect(checkAccess(request({}), open)).toBeUndefined();
  });

  it("lets the server's own pages in and foreign ones not", () => {
    expect(checkAccess(request({ origin: 'http://video.example:8000' }), open)).toBeUndefined();
    expect(checkAccess(request({ origin: 'http://evil.example' }), open)).toMatchObject({ status: 403 });
    expect(checkAccess(request({ origin: 'null' }), open)).toMatchObject({ status: 403 });
  });

  it('takes pages of every loopback origin on loopback, and no name that only resolves to it', () => {
    const host = 'localhost:8000';
    expect(checkAccess(request({ host, origin: 'http://localhost:5173' }), local)).toBeUndefined();
    expect(checkAccess(request({ host, origin: 'http://[::1]:5173' }), local)).toBeUndefined();
    expect(checkAccess(request({ origin: 'http://video.example:8000' }), local)).toMatchObject({
      status: 403,
    });
  });

  it('takes them on all addresses too, unless the operator names origins', () => {
    const everywhere = { ...open, allAddresses: true };
    const page = request({ host: 'backend:8000', origin: 'http://localhost:3000' });
    expect(checkAccess(page, open)).toMatchObject({ status: 403, origin: 'http://localhost:3000' });
    expect(checkAccess(page, everywhere)).toBeUndefined();
    expect(checkAccess(page, { ...everywhere, allowedOrigins: ['https://app.example'] })).toBeDefined();
    const foreign = request({ host: 'backend:8000', origin: 'http://evil.example' });
    expect(checkAccess(foreign, everywhere)).toMatchObject({ status: 403 });
    const rebound = request({ host: 'localhost.evil.example', origin: 'http://localhost.evil.example:8000' });
    expect(checkAccess(rebound, { ...everywhere, allowedHosts: ['backend'] })).toMatchObject({ status: 403 });
  });

  it.each([
    ['https://app.example', 'app.example:443'],
    ['http://app.example', 'app.example:80'],
    ['https://app.example:8443', 'app.example:8443'],
    ['https://app.example:8443', 'app.example'],
    ['https://app.example', 'App.Example.'],
  ])('knows the page at %s as its own when Host is %s', (origin, host) => {
    expect(checkAccess(request({ origin, host }), open)).toBeUndefined();
  });

  it.each([
    ['https://app.example', 'app.example:8443'],
    ['https://app.example', 'evil.example'],
  ])('knows the page at %s as foreign when Host is %s', (origin, host) => {
    expect(checkAccess(request({ origin, host }), open)).toMatchObject({ status: 403 });
  });

  it('takes the origins that the operator lists, or all', () => {
    const origin = 'https://app.example';
    expect(checkAccess(request({ origin }), { ...open, allowedOrigins: [origin] })).toBeUndefined();
    expect(checkAccess(request({ origin }), { ...open, allowedOrigins: ['*'] })).toBeUndefined();
  });

  it.each(['localhost:8000', '127.0.0.1:8000', '[::1]:8000', 'LOCALHOST', '192.168.1.7'])(
    'takes the Host %s on loopback, from a page and from a program',
    (host) => {
      expect(checkPage(request({ host }), local)).toBeUndefined();
      expect(checkAccess(request({ host, origin: 'http://localhost' }), local)).toBeUndefined();
    },
  );

  it('refuses a foreign Host on loopback, whatever is asked: the name may have been made to resolve to it', () => {
    const host = 'evil.example:8000';
    expect(checkPage(request({ host }), local)).toMatchObject({ status: 403 });
    expect(checkAccess(request({ host, origin: 'http://evil.example:8000' }), local)).toMatchObject({
      status: 403,
    });
    // A browser would say where the page is from.
    expect(checkAccess(request({ host }), local)).toBeUndefined();
  });

  it('takes the names that the operator lists, and then only those, and IP addresses', () => {
    const named = { ...open, allowedHosts: ['video.example'] };
    expect(checkPage(request({}), named)).toBeUndefined();
    expect(checkPage(request({ host: '10.0.0.3:8000' }), named)).toBeUndefined();
    expect(checkPage(request({ host: 'evil.example' }), named)).toMatchObject({ status: 403 });
    const proxied = { ...named, loopback: true };
    expect(checkAccess(request({ origin: 'http://video.example:8000' }), proxied)).toBeUndefined();
  });

  it('lets no foreign page change anything', () => {
    const post = Object.assign(request({ origin: 'https://evil.example' }), { method: 'POST' });
    expect(checkPage(post, open)).toMatchObject({ status: 403 });
    expect(checkPage(Object.assign(request({}), { method: 'POST' }), open)).toBeUndefined();
  });

  it.each([
    ['Authorization', { authorization: 'Bearer second-key' }, '/v1/stream'],
    ['X-API-Key', { 'x-api-key': 'first-key' }, '/v1/stream'],
    ['the query', {}, '/v1/stream?api_key=first-key'],
  ])('takes a key from %s', (_, headers, url) => {
    expect(checkAccess(request(headers as Record<string, string>, url), keyed)).toBeUndefined();
  });

  it('refuses a missing and a wrong key with 401', () => {
    expect(checkAccess(request({}), keyed)).toMatchObject({
      status: 401,
      message: expect.stringContaining('missing'),
    });
    expect(checkAccess(request({ 'x-api-key': 'nope' }), keyed)).toMatchObject({ status: 401 });
  });

  it.each(['localhost', '127.0.0.1', '127.8.9.1', '::1', '[::1]', 'app.localhost'])(
    'knows %s as loopback',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  it.each(['0.0.0.0', 'example.org', '128.0.0.1', '127.0.0.1.evil.example'])(
    'knows that %s is not',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
