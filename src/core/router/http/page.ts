import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ReplicaRegistry } from '../replicas/registry.ts';
import type { Replica } from '../replicas/replica.ts';

interface PageParts {
  readonly registry: Pick<ReplicaRegistry, 'replicas'>;
  readonly isDraining: () => boolean;
}

const style = `
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 1000px; padding: 24px; font: 15px/1.5 system-ui, sans-serif; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 16px 0; }
th, td { border-bottom: 1px solid #8884; padding: 6px 12px 6px 0; text-align: left; vertical-align: top; }
.healthy { color: light-dark(#1a7346, #6fce9c); }
.unhealthy { color: light-dark(#b3261e, #ff9c94); }
.note { opacity: 0.75; }
nav a { margin-right: 16px; }
`;

const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `GET /` of a router, for a person who opens its address: the replicas and their state. No script. */
export function registerRouterPage(app: FastifyInstance, { registry, isDraining }: PageParts): void {
  app.get('/', async (_, reply) => {
    void reply.headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    });
    return page(registry.replicas, isDraining());
  });
}

function page(replicas: readonly Replica[], draining: boolean): string {
  const healthy = replicas.filter(({ health }) => health.state === 'healthy').length;
  const drain = draining ? ' The router is draining: it takes no new session.' : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>fastvideo router</title>
<style>${style}</style>
</head>
<body>
<h1>fastvideo router</h1>
<p>${healthy} of ${replicas.length} replicas are healthy.${drain} Clients connect to <code>/v1/stream</code> or <code>/ws</code> at this address.</p>
<div class="table"><table>
<thead><tr><th>Replica</th><th>State</th><th>Sessions</th><th>Waiting</th><th>Last answer</th></tr></thead>
<tbody>
${replicas.map(row).join('\n')}
</tbody>
</table></div>
<nav><a href="/status">Status</a> <a href="/router/replicas/sessions">Sessions</a> <a href="/metrics">Metrics</a> <a href="/readyz">Readiness</a></nav>
<p class="note">This page loads again every 5 seconds. In a terminal: <code>fastvideo dashboard --url</code> with this address. More: docs/router.md.</p>
</body>
</html>
`;
}

function row({ url, name, primary, health, active, pending, load }: Replica): string {
  const { state, lastError, lastLatencyMs } = health;
  const notes = [
    ...(primary ? ['primary'] : []),
    ...(load?.draining ? ['draining'] : []),
    ...(lastError === undefined || state === 'healthy' ? [] : [lastError]),
  ].map((note) => `<br><span class="note">${escaped(note)}</span>`);
  const noAnswer = state === 'unknown' ? 'none yet' : 'no answer';
  const latency = lastLatencyMs === undefined ? noAnswer : `in ${Math.round(lastLatencyMs)} ms`;
  const link = `<a href="${escaped(url)}">${escaped(name)}</a>`;
  return `<tr><td>${link}<br><span class="note">${escaped(url)}</span></td><td><span class="${state}">${state}</span>${notes.join('')}</td><td>${active}</td><td>${pending}</td><td>${latency}</td></tr>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** As text, or as the value of an attribute in quotes. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
