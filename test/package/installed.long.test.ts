import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../../src/version.ts';
import { needs } from '../support/needs.ts';
import { waitFor } from '../support/wait-for.ts';
import { installPackage, npmRegistry } from './npm.ts';

describe('the package, installed into an empty folder', needs(npmRegistry), () => {
  let directory: string;
  let bin: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'fastvideo-package-'));
    installPackage(directory);
    bin = join(directory, 'node_modules/.bin/fastvideo');
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const run = (...args: readonly string[]) =>
    execFileSync(bin, [...args], { cwd: directory, encoding: 'utf8', stdio: 'pipe' });

  it('tells its version and its commands', () => {
    expect(run('--version')).toBe(`${version}\n`);
    expect(run('--help')).toMatch(/serve .*mock .*router .*stream/s);
  });

  it('has a mock that starts, answers and ends', async () => {
    const child = spawn(bin, ['mock', '--port', '0'], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    try {
      const address = () => /listens on (http:\/\/[\w.:]+)/.exec(stderr)?.[1];
      await waitFor('address', () => address() !== undefined || child.exitCode !== null);
      expect(address(), stderr).toBeDefined();
      const health = await fetch(`${address()}/healthz`);
      expect(await health.json()).toMatchObject({ status: 'ok', service: 'ltx2-streaming-mock-server' });
      expect(await (await fetch(`${address()}/`)).text()).toContain('<title>');
    } finally {
      child.kill('SIGTERM');
    }
    expect(await exited).toBe(0);
  });

  it('says what is missing where onnxruntime-node could not be installed, and mocks on', () => {
    const runtime = join(directory, 'node_modules/onnxruntime-node');
    renameSync(runtime, `${runtime}.away`);
    try {
      const serve = spawnSync(bin, ['serve', '--port', '0'], { cwd: directory, encoding: 'utf8' });
      expect(serve.stderr).toMatch(/onnxruntime-node is not installed: run "npm install onnxruntime-node"/);
      expect(serve.stderr).not.toContain('    at ');
      expect(serve.status).toBe(1);
      expect(run('enhance', '--provider', 'echo', 'a fox')).toBe('a fox (enhanced)\n');
    } finally {
      renameSync(`${runtime}.away`, runtime);
    }
  });

  it('has a network that runs', () => {
    expect(run('enhance', '--provider', 'echo', 'a fox')).toBe('a fox (enhanced)\n');
    const imported = `import('onnxruntime-node').then(({ InferenceSession }) => console.log(typeof InferenceSession))`;
    expect(execFileSync(process.execPath, ['-e', imported], { cwd: directory, encoding: 'utf8' })).toBe(
      'function\n',
    );
  });
});
