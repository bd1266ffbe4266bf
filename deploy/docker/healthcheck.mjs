/**
 * `node healthcheck.mjs [URL]` ends with 0 when URL answers with 2xx, else with 1 and the reason on stderr.
 * The image has neither curl nor wget.
 */
const url = process.argv[2] ?? 'http://127.0.0.1:8000/healthz';
try {
  const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(4000) });
  if (!ok) throw new Error(`HTTP ${status}`);
} catch (error) {
  process.stderr.write(`${url}: ${error.cause?.message ?? error.message}\n`);
  process.exitCode = 1;
}
