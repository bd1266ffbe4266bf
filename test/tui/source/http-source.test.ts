import { describe, expect, it } from 'vitest';
import { createHttpSource, type HttpSourceOptions } from '../../../src/tui/source/http-source.ts';
import { readServerUrl, routeOf, showUrl } from '../../../src/tui/source/server-url.ts';
import { quietStatus } from '../sample-status.ts';
import { startScriptedServer } from '../scripted-server.ts';

const { signal } = new AbortController();
const source = (url: string, over: Partial<HttpSourceOptions> = {}) =>
  createHttpSource({
    url: readServerUrl(url),
    apiKey: undefined,
    adminToken: undefined,
    timeoutMs: 5000,
    ...over,
  });

describe('readServerUrl', () => {
  it.each([
    ['http://host:8000', 'http://host:8000/status'],
    ['http://host:8000/', 'http://host:8000/status'],
    ['http://host:8000/status', 'http://host:8000/status'],
    ['http://host:8000/below/status/', 'http://host:8000/below/status'],
    ['https://host/below/?x=1#y', 'https://host/below/status'],
    ['http://[::1]:8000', 'http://[::1]:8000/status'],
  ])('finds the status of %s at %s', (text, status) => {
    expect(routeOf(readServerUrl(text), '/status').href).toBe(status);
  });

  it('shows the address without a slash at its end', () => {
    expect(showUrl(readServerUrl('http://host:8000/'))).toBe('http://host:8000');
  });
});

describe('an HTTP source', () => {
  it('may drain only with a token', () => {
    expect(source('http://host')).not.toHaveProperty('drain');
    expect(source('http://host', { adminToken: 't' })).toHaveProperty('drain');
  });

  it('does not wait for ever', async () => {
    await using server = await startScriptedServer({});
    server.routes.set('GET /status', () => ({ status: 200, body: undefined, hang: true }));
    const reading = source(server.url, { timeoutMs: 50 }).read(signal);
    await expect(reading).rejects.toMatchObject({ message: 'no answer within 50 ms', retryable: true });
  });

  it('does not take an answer without end', async () => {
    await using server = await startScriptedServer(`"${'x'.repeat(9 * 2 ** 20)}"`);
    await expect(source(server.url).read(signal)).rejects.toThrow(/larger than 8 MB/);
  });

  it('names the field that is not as it should be', async () => {
    await using server = await startScriptedServer({ ...quietStatus(), total_gpus: 'eight' });
    await expect(source(server.url).read(signal)).rejects.toThrow(/total_gpus/);
  });

  it('sends the admin token to no replica of a router', async () => {
    await using replica = await startScriptedServer(quietStatus());
    await using router = await startScriptedServer({ replicas: [{ url: replica.url, status: 'healthy' }] });
    await source(router.url, { apiKey: 'key', adminToken: 'token' }).read(signal);
    expect(replica.requests).toEqual([{ method: 'GET', path: '/status', authorization: 'Bearer key' }]);
  });
});
