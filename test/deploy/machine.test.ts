import { describe, expect, it } from 'vitest';
import { RouterConfigSchema } from '../../src/core/base/config/router-schema/router-config.ts';
import { ServeConfigSchema } from '../../src/core/base/config/serve-schema/serve-config.ts';
import { checkArguments, read } from './deployed.ts';

const defaults = {
  serve: ServeConfigSchema.parse({}).server.drain_seconds,
  router: RouterConfigSchema.parse({ router: { replicas: [{ url: 'http://a:1' }] } }).router.drain_seconds,
};
const units = [
  ['serve', read('deploy/systemd/fastvideo-serve@.service').replaceAll('%i', 'serve')],
  ['router', read('deploy/systemd/fastvideo-router.service')],
] as const;

describe('the systemd units', () => {
  it.each(units)('start %s with arguments that it takes', (_, unit) => {
    const [, line = ''] = /^ExecStart=\/usr\/local\/bin\/fastvideo (.+)$/m.exec(unit) ?? [];
    expect(checkArguments(line.split(' '), 'deploy/compose/config')).toMatchObject({ status: 0 });
    expect(unit).toContain(`ExecStartPre=/usr/local/bin/fastvideo ${line} --check\n`);
  });

  it.each(units)('let %s drain: only the server is told, and has the time', (command, unit) => {
    expect(unit).toContain('\nKillMode=mixed\n');
    const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
    expect(Number(seconds)).toBeGreaterThanOrEqual(defaults[command] + 10);
  });

  it.each(units)('leave %s the memory that JavaScript is compiled into', (_, unit) => {
    expect(unit).not.toContain('MemoryDenyWriteExecute');
  });
});

describe('the proxies', () => {
  it('hold a session open for longer than the time between two pings', () => {
    const { ping_interval_seconds } = RouterConfigSchema.parse({
      router: { replicas: [{ url: 'http://a:1' }] },
    }).router;
    const told = [
      ...read('deploy/proxy/nginx.conf').matchAll(/proxy_(?:read|send)_timeout (\d+)h;/g),
      ...read('deploy/proxy/haproxy.cfg').matchAll(/timeout tunnel (\d+)h/g),
    ].map(([, hours]) => Number(hours) * 3600);
    expect(told).toHaveLength(3);
    for (const seconds of told) expect(seconds).toBeGreaterThan(ping_interval_seconds * 4);
  });
});
