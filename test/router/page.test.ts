import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { httpFront } from '../../src/core/base/http/http-front.ts';
import { registerRouterPage } from '../../src/core/router/http/page.ts';
import { Replica } from '../../src/core/router/replicas/replica.ts';

describe('the page of a router', () => {
  const limits = {
    http_connections: 1,
    http_headers_seconds: 1,
    http_request_seconds: 1,
    http_body_bytes: 1,
  };
  const app = httpFront({
    limits,
    maxConnections: 1,
    onLimit: () => undefined,
    logger: pino({ level: 'silent' }),
  });
  const replica = (name: string, port: number) =>
    new Replica({ url: `http://127.0.0.1:${port}`, name, primary: port === 1, weight: 1 });
  const replicas = [replica('gpu-a', 1), replica('<b onclick="x">\'&', 2)];
  let draining = false;
  registerRouterPage(app, { registry: { replicas }, isDraining: () => draining });
  afterAll(async () => await app.close());

  it('shows the replicas and their state, with links, and without a script', async () => {
    const { body, headers } = await app.inject('/');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(body).toContain('<a href="http://127.0.0.1:1">gpu-a</a>');
    expect(body).toContain('0 of 2 replicas are healthy.');
    for (const path of ['/status', '/metrics']) expect(body).toContain(`href="${path}"`);
    expect(body).not.toMatch(/<script| style=/);
  });

  it('writes names as text', async () => {
    const { body } = await app.inject('/');
    expect(body).toContain('&lt;b onclick=&quot;x&quot;&gt;&#39;&amp;</a>');
    expect(body).not.toContain('<b ');
  });

  it('shows no latency of a replica that does not answer', async () => {
    const { health } = replica('gpu-c', 3);
    replicas.push(Object.assign(replica('gpu-d', 4), { health }));
    const thresholds = { failures: 1, recoveries: 1 };
    health.probeSucceeded(7, thresholds);
    expect((await app.inject('/')).body).toContain('in 7 ms');
    health.probeFailed('ECONNREFUSED', thresholds);
    const { body } = await app.inject('/');
    expect(body).not.toContain('in 7 ms');
    expect(body).toContain('<td>no answer</td>');
  });

  it('tells of a drain', async () => {
    expect((await app.inject('/')).body).not.toContain('draining');
    draining = true;
    expect((await app.inject('/')).body).toContain('The router is draining');
  });
});
