import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { announce } from '../../src/commands/router/announce.ts';
import { createLogger } from '../../src/core/base/log.ts';
import { quick, readyServer } from '../contract/servers.ts';
import { repositoryRoot, type ServerProcess } from '../support/server-process.ts';
import { readyRouter, stopAll } from './router-process.ts';

const oneReplica = ['--router.replicas', '[{url: "http://127.0.0.1:8000"}]'];

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/fastvideo.js', ...args], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('fastvideo router', () => {
  it('--check tells that the config is valid, or every problem and exit code 2', () => {
    expect(run('router', '--config', 'configs/router.yaml', '--check')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'The config is valid (configs/router.yaml).\n',
    });
    const { status, stderr } = run('router', '--check', '--port', '70000');
    expect(status).toBe(2);
    expect(stderr).toContain('--port (router.port): must be a whole number from 0 to 65535, not 70000');
    expect(stderr).toContain('router.replicas: must name at least one replica');
  });

  it.each([
    ['0.0.0.0', 1],
    ['127.0.0.1', 0],
  ])('on %s says so often what to do when other machines reach it: %i', (host, times) => {
    const warn = vi.fn();
    const logger = createLogger({ level: 'silent' });
    announce(Object.assign(logger, { warn }), { url: `http://${host}:9000`, host, config: 'router.yaml' });
    expect(warn).toHaveBeenCalledTimes(times);
    const remedy = /set server\.api_keys in their configs .*or router\.host to 127\.0\.0\.1/;
    if (times > 0) expect(warn).toHaveBeenCalledWith({ host }, expect.stringMatching(remedy));
  });

  it('--print-config prints what holds and where it is from', () => {
    const { status, stdout } = run('router', ...oneReplica, '--host', '::1', '--print-config');
    expect(status).toBe(0);
    expect(stdout).toContain('  host: ::1 # --host\n');
    expect(stdout).toContain('    interval_seconds: 5 # default\n');
  });

  it('refuses an argument that it does not know with exit code 2', () => {
    const { status, stderr } = run('router', ...oneReplica, 'replica');
    expect(status).toBe(2);
    expect(stderr).toContain('Unexpected argument "replica"');
  });

  it('ends with exit code 1 when its address is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as AddressInfo;
    try {
      const { status, stderr } = run('router', ...oneReplica, '--host', '127.0.0.1', '--port', String(port));
      expect(status).toBe(1);
      expect(stderr).toContain(
        `127.0.0.1:${port} is in use; stop the other program or choose another --router.port`,
      );
    } finally {
      server.close();
    }
  });
});

describe('the dashboard of a router', () => {
  let replica: ServerProcess;
  let router: ServerProcess;
  beforeAll(async () => {
    replica = await readyServer('mock', quick);
    router = await readyRouter([{ url: replica.url, primary: true }]);
  });
  afterAll(async () => stopAll(router, replica));

  it('shows its replicas', () => {
    const { status, stdout } = run('dashboard', '--url', router.url, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      replicas: [{ url: replica.url, primary: true, status: 'healthy', consecutive_failures: 0 }],
    });
    const plain = run('dashboard', '--url', router.url);
    expect(plain.status).toBe(0);
    expect(plain.stdout).toContain(new URL(replica.url).port);
  });
});
