import { describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { crowdedStatus, quietStatus } from '../tui/sample-status.ts';
import { startScriptedServer } from '../tui/scripted-server.ts';
import { openTerminal } from '../tui/terminal.ts';
import { expectLists } from './dashboard-lists.ts';

const often = ['--interval', '0.1'];

describe('fastvideo dashboard on a terminal', () => {
  it.each([
    [200, 50],
    [40, 15],
  ])('shows the lists at %sx%s without a line that is too long', expectLists);

  it('draws throughput from the differences of the totals', async () => {
    await using server = await startScriptedServer(crowdedStatus());
    let polls = 0;
    server.routes.set('GET /status', () => ({ status: 200, body: crowdedStatus(polls++) }));
    await using terminal = openTerminal({ columns: 120, rows: 30, args: ['--url', server.url, ...often] });
    await terminal.shows(
      /segments\/s +\d[\d.]* +[▁▂▃▄▅▆▇█]{3}.*MB\/s +\d[\d.]* +[▁▂▃▄▅▆▇█]{3}.*first media +\d+ ms +[▁▂▃▄▅▆▇█]{3}/,
    );
  });

  it.each([
    [401, 'does not accept this admin token'],
    [404, 'has no admin token set'],
  ])('says why a drain was refused with %s', async (status, reason) => {
    await using server = await startScriptedServer(quietStatus());
    server.routes.set('POST /admin/drain', () => ({ status, body: {} }));
    const args = ['--url', server.url, '--admin-token', 'guess'];
    await using terminal = openTerminal({ columns: 100, rows: 24, args });
    await terminal.shows('WORKERS 1');
    terminal.type('d');
    await terminal.shows('Drain this server?');
    terminal.type('y');
    await terminal.shows(reason);
  });

  it('says what to pass when it may not drain', async () => {
    await using server = await startScriptedServer(quietStatus());
    await using terminal = openTerminal({ columns: 80, rows: 24, args: ['--url', server.url] });
    await terminal.shows('no sessions');
    terminal.type('d');
    await terminal.shows('--admin-token');
  });

  it('waits for a server that is not there yet', async () => {
    const gone = await startScriptedServer(quietStatus());
    await gone[Symbol.asyncDispose]();
    await using terminal = openTerminal({ columns: 80, rows: 24, args: ['--url', gone.url, ...often] });
    await terminal.shows('connection refused');
    await using _server = await startScriptedServer(quietStatus(), gone.port);
    await terminal.shows('1/1 ready');
  });

  it('works without a keyboard', async () => {
    await using server = await startScriptedServer(crowdedStatus());
    const args = ['--url', server.url];
    await using terminal = openTerminal({ columns: 80, rows: 24, args, hasKeyboard: false });
    await terminal.shows('no keyboard input; Ctrl-C quits');
    await terminal.shows('WORKERS 8');
    terminal.type('\x03');
    expect(await terminal.exited).toBe(130);
    await terminal.lines();
    expect(terminal.isAlternate()).toBe(false);
  });

  it('prints the table on a terminal that cannot move its cursor', async () => {
    await using server = await startScriptedServer(quietStatus());
    const args = ['--url', server.url];
    await using terminal = openTerminal({ columns: 80, rows: 24, args, env: { TERM: 'dumb' } });
    expect(await terminal.exited).toBe(0);
    await terminal.shows('WORKERS 1');
    expect(terminal.written()).not.toContain('\x1b');
  });

  it('follows the size of the terminal', async () => {
    await using server = await startScriptedServer(crowdedStatus());
    await using terminal = openTerminal({ columns: 80, rows: 24, args: ['--url', server.url] });
    await terminal.shows('WARM-UP');
    terminal.resize(40, 15);
    await terminal.lacks('WARM-UP');
    await terminal.shows(/^0 +busy/m);
    const narrow = await terminal.lines();
    expect(narrow[0]).toContain(server.url);
    expect(narrow[14]).toContain('q quit');
    terminal.resize(160, 45);
    await terminal.shows('LTX2-Distilled-Diffusers');
    await waitFor('the keys in the last row', async () =>
      ((await terminal.lines())[44] ?? '').includes('q quit'),
    );
  });

  it('writes no colours with NO_COLOR, and some without', async () => {
    await using server = await startScriptedServer(crowdedStatus());
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences are what is looked for
    const colour = /\x1b\[(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[\d;]*)?m/;
    for (const [env, isColoured] of [
      [{ NO_COLOR: '1' }, false],
      [{}, true],
    ] as const) {
      await using terminal = openTerminal({ columns: 80, rows: 24, args: ['--url', server.url], env });
      await terminal.shows('RECENT ERRORS');
      expect(colour.test(terminal.written())).toBe(isColoured);
    }
  });

  it('shows the replicas of a router, and the workers of those that it reaches', async () => {
    await using replica = await startScriptedServer(crowdedStatus());
    const gone = await startScriptedServer(quietStatus());
    await gone[Symbol.asyncDispose]();
    const seen = { primary: false, last_ok_at: null, last_latency_ms: null, consecutive_failures: 4 };
    await using router = await startScriptedServer({
      replicas: [
        { ...seen, url: replica.url, primary: true, status: 'healthy', last_latency_ms: 3.4 },
        { ...seen, url: gone.url, status: 'unhealthy' },
      ],
    });
    const args = ['--url', router.url, '--admin-token', 'secret', '--api-key', 'key-1'];
    await using terminal = openTerminal({ columns: 120, rows: 40, args });
    const shown = await terminal.shows('REPLICAS 2');
    expect(shown).toContain('1/2 replicas healthy');
    expect(shown).toMatch(/healthy +5\/8/);
    expect(shown).toContain('connection refused');
    expect(shown).toContain('WORKERS 8');
    terminal.type('d');
    await terminal.shows('This key drains a server');
    expect(replica.requests[0]?.authorization).toBe('Bearer key-1');
  });

  it.each([['\x03', 0]])('gives the terminal back on %j', async (key, code) => {
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

  it.each([
    ['SIGTERM', 0],
    ['SIGINT', 130],
  ])('gives the terminal back on %s', async (name, code) => {
    await using server = await startScriptedServer(quietStatus());
    await using terminal = openTerminal({ columns: 80, rows: 24, args: ['--url', server.url] });
    await terminal.shows('WORKERS 1');
    terminal.signal(name);
    expect(await terminal.exited).toBe(code);
    await terminal.lines();
    expect(terminal.isAlternate()).toBe(false);
  });

  it('ends with a line on the restored screen when the key is not accepted', async () => {
    await using server = await startScriptedServer(quietStatus());
    server.routes.set('GET /status', () => ({ status: 401, body: {} }));
    await using terminal = openTerminal({ columns: 120, rows: 24, args: ['--url', server.url] });
    expect(await terminal.exited).toBe(1);
    await terminal.shows('--api-key');
    expect(terminal.isAlternate()).toBe(false);
  });
});
