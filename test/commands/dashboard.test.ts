import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/server-process.ts';
import { crowdedStatus, quietStatus } from '../tui/sample-status.ts';
import { startScriptedServer } from '../tui/scripted-server.ts';
import { keys, openTerminal } from '../tui/terminal.ts';
import { expectLists } from './dashboard-lists.ts';
import { runHere } from './run-here.ts';

const often = ['--interval', '0.1'];

async function runInPipe(args: readonly string[]) {
  const child = spawn(process.execPath, [join(repositoryRoot, 'bin/fastvideo.js'), 'dashboard', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, ...output };
}

describe('fastvideo dashboard on a terminal', () => {
  it('shows the lists without a line that is too long', () => expectLists(80, 24));

  it('sorts, filters, scrolls and explains its keys', async () => {
    await using server = await startScriptedServer(crowdedStatus());
    await using terminal = openTerminal({ columns: 80, rows: 24, args: ['--url', server.url] });
    await terminal.shows('WORKERS 8  by gpu');
    terminal.type('s');
    await terminal.shows(/WORKERS 8 {2}by state.*\n.*\n6 +parked.*\n4 +restarting/);
    terminal.type(keys.tab);
    await terminal.shows('▸ SESSIONS 20');
    terminal.type(keys.down + keys.down);
    await terminal.shows(/▸ SESSIONS 20.*↑2 ↓/);
    terminal.type(keys.end);
    await terminal.shows(/initializing/);
    terminal.type('/');
    await terminal.shows('filter: ▏');
    terminal.type('gpu7');
    await terminal.shows('WORKERS 1 of 8');
    await terminal.shows('SESSIONS 1 of 20');
    terminal.type(keys.enter);
    await terminal.shows('filter "gpu7"');
    terminal.type(keys.escape);
    await terminal.shows('SESSIONS 20');
    terminal.type('?');
    await terminal.shows('quit; Ctrl-C too');
    terminal.type('x');
    await terminal.lacks('quit; Ctrl-C too');
  });

  it('takes keys that arrive in one chunk one by one', async () => {
    await using server = await startScriptedServer(crowdedStatus());
    await using terminal = openTerminal({ columns: 80, rows: 24, args: ['--url', server.url] });
    await terminal.shows('WORKERS 8  by gpu');
    terminal.type('ss/gpu7\r');
    const shown = await terminal.shows('filter "gpu7"');
    expect(shown).toContain('WORKERS 1 of 8');
    terminal.type(`${keys.escape}`);
    await terminal.shows('WORKERS 8  by progress');
  });

  it('does not take an answer that was typed before its question was shown', async () => {
    await using server = await startScriptedServer(crowdedStatus());
    const args = ['--url', server.url, '--admin-token', 'secret-admin'];
    await using terminal = openTerminal({ columns: 80, rows: 24, args });
    await terminal.shows('WORKERS 8');
    terminal.type('dy');
    await terminal.shows('Drain this server?');
    expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('reaches every list and every line of the help at 40x10', async () => {
    await using server = await startScriptedServer(crowdedStatus());
    await using terminal = openTerminal({ columns: 40, rows: 10, args: ['--url', server.url] });
    await terminal.shows('▸ WORKERS');
    terminal.type(keys.tab);
    await terminal.shows('▸ SESSIONS');
    terminal.type(keys.tab);
    await terminal.shows('▸ RECENT ERRORS');
    terminal.type('?');
    await terminal.shows('go to the next list');
    terminal.type(keys.end);
    await terminal.shows('quit; Ctrl-C too');
    terminal.type('x');
    await terminal.shows('▸ RECENT ERRORS');
  });

  it('asks before it drains, and sends the admin token only there', async () => {
    await using server = await startScriptedServer(crowdedStatus());
    server.routes.set('POST /admin/drain', () => ({ status: 202, body: { status: 'draining' } }));
    const env = { FASTVIDEO_ADMIN_TOKEN: 'secret-admin', FASTVIDEO_API_KEY: 'key-1' };
    await using terminal = openTerminal({ columns: 80, rows: 24, args: ['--url', server.url], env });
    await terminal.shows('WORKERS 8');
    terminal.type('d');
    await terminal.shows('Drain this server?');
    terminal.type('n');
    await terminal.shows('Not drained.');
    expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
    terminal.type('d');
    await terminal.shows('It accepts no new sessions');
    terminal.type('y');
    await terminal.shows('The server drains.');
    expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([
      { method: 'POST', path: '/admin/drain', authorization: 'Bearer secret-admin' },
    ]);
    const polls = server.requests.filter(({ method }) => method === 'GET');
    expect(new Set(polls.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer key-1']));
  });

  it('keeps the last picture while the server is away, and goes on when it is back', async () => {
    const first = await startScriptedServer(crowdedStatus());
    await using terminal = openTerminal({ columns: 80, rows: 24, args: ['--url', first.url, ...often] });
    await terminal.shows('WORKERS 8');
    await first[Symbol.asyncDispose]();
    const shown = await terminal.shows(/unreachable since \d\d:\d\d:\d\d, retrying/);
    expect(shown).toContain('WORKERS 8');
    await using _second = await startScriptedServer(quietStatus(), first.port);
    await terminal.lacks('unreachable');
    await terminal.shows('WORKERS 1');
  });

  it.each([['q', 0]])('gives the terminal back on %j', async (key, code) => {
    await using server = await startScriptedServer(quietStatus());
    await using terminal = openTerminal({ columns: 80, rows: 24, args: ['--url', server.url] });
    await terminal.shows('WORKERS 1');
    terminal.type(key);
    expect(await terminal.exited).toBe(code);
    await terminal.lines();
    expect(terminal.isAlternate()).toBe(false);
    expect(terminal.written().lastIndexOf('\x1b[?25h')).toBeGreaterThan(
      terminal.written().lastIndexOf('\x1b[?25l'),
    );
  });
});

describe('fastvideo dashboard in a pipe', () => {
  it('prints one plain table and ends', async () => {
    await using server = await startScriptedServer(crowdedStatus());
    const { code, stdout, stderr } = await runInPipe(['--url', server.url]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).not.toContain('\x1b');
    expect(stdout).not.toContain('…');
    expect(stdout).toMatch(/^GPU {2}STATE {7}SESSION/m);
    expect(stdout).toMatch(/^6 {4}parked .*died five times in a minute exit code 139/m);
    expect(stdout.match(/ {2}(active|queued|initializing) /g)).toHaveLength(20);
  });

  it('prints JSON with --json, unknown fields too', async () => {
    const status = { ...quietStatus(), of_a_later_version: [1] };
    await using server = await startScriptedServer(status);
    const { code, stdout } = await runHere(['dashboard', '--url', server.url, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(status);
  });

  it('shows what a server of the plain contract tells', async () => {
    const gpu = {
      ready: true,
      available: true,
      client_count: 0,
      current_model_id: 'org/model',
      process_alive: true,
      warmup_enabled: true,
      warmup_success: true,
      warmup_error: null,
      warmup_timings: { total: 900 },
    };
    const counts = { warmup_enabled: true, warmup_successful_gpus: 1, warmup_failed_gpus: 0, queue_size: 2 };
    const status = { total_gpus: 1, available_gpus: 1, ...counts, gpu_status: { '0': gpu } };
    await using server = await startScriptedServer(status);
    const { code, stdout } = await runHere(['dashboard', '--url', server.url]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^0 {4}idle {3}org\/model {2}ok 900 ms$/m);
    expect(stdout).not.toContain('SESSIONS');
  });

  it.each([
    ['http://127.0.0.1:9/nothing/here', 1, /cannot be reached/],
    ['gpu-box:8000', 2, /Did you mean http:\/\/gpu-box:8000\?/],
    ['ftp://gpu-box', 2, /is not an http:\/\/ or https:\/\/ address/],
    ['http://user:password@gpu-box', 2, /--api-key/],
  ])('says in one line what is wrong with %s', async (url, exitCode, reason) => {
    const { code, stdout, stderr } = await runHere(['dashboard', '--url', url]);
    expect([code, stdout]).toEqual([exitCode, '']);
    expect(stderr).toMatch(reason);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('password@');
  });

  it.each([
    [{ status: 401, body: {} }, /--api-key/],
    [{ status: 404, body: {} }, /is this a fastvideo server\?/],
    [{ status: 200, body: '<html>' }, /does not answer with JSON/],
    [{ status: 200, body: { hello: 'world' } }, /does not answer like a fastvideo server/],
    [{ status: 503, body: {} }, /answered 503/],
  ])('ends with 1 and one line for the answer %j', async (answer, reason) => {
    await using server = await startScriptedServer({});
    server.routes.set('GET /status', () => answer);
    const { code, stdout, stderr } = await runHere(['dashboard', '--url', server.url]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(reason);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each(['0', '-1', 'fast'])('refuses --interval %s', async (interval) => {
    const { code, stderr } = await runHere(['dashboard', '--interval', interval]);
    expect(code).toBe(2);
    expect(stderr).toContain('--interval');
  });
});
