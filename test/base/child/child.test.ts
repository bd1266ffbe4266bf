import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Child } from '../../../src/core/base/child/child.ts';
import { startTime } from '../../support/child-pids.ts';
import { waitFor } from '../../support/wait-for.ts';

const node = (code: string, options: ConstructorParameters<typeof Child>[2] = {}) =>
  new Child(process.execPath, ['-e', code], options);

describe('a child process', () => {
  it('tells its exit, and what it said last', async () => {
    const child = node("console.error('one'); console.error('  two  '); console.error(''); process.exit(3)");
    expect(await child.exited).toEqual({ code: 3, signal: null });
    expect(child.stderr.lines).toEqual(['one', 'two']);
    expect(child.stderr.quoted()).toBe(': two');
    expect(child.isRunning).toBe(false);
  });

  it('that cannot be started shows it as its exit', async () => {
    const child = new Child('/nowhere/no-such-program', []);
    expect(await child.exited).toMatchObject({ startError: { code: 'ENOENT' } });
    expect(child.pid).toBeUndefined();
    child.kill();
    await child.stop(() => undefined, 10);
    await child.write(new Uint8Array(10));
  });

  it('holds back who writes more than it reads, until it has gone', async () => {
    const child = node('setInterval(() => {}, 1e6)');
    const megabyte = new Uint8Array(2 ** 20);
    await child.write(megabyte);
    let passed = false;
    const held = child.write(megabyte).then(() => {
      passed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([passed, child.unreadBytes > 0]).toEqual([false, true]);
    child.kill();
    await held;
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('is asked to stop, then killed when it does not', async () => {
    const willing = node("process.stdin.on('end', () => process.exit(0)).resume()");
    await willing.stop(() => willing.stdin.end(), 2 ** 30);
    expect(await willing.exited).toEqual({ code: 0, signal: null });
    const stubborn = node('setInterval(() => {}, 1e6)');
    await stubborn.stop(() => stubborn.stdin.end(), 10);
    expect(await stubborn.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('takes what it has started with it', async () => {
    const child = node(
      "const { pid } = require('node:child_process').spawn('sleep', ['60'], { stdio: 'ignore' }); console.log(pid); setInterval(() => {}, 1e6)",
    );
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const below = Number(said.toString());
    expect(await startTime(below)).toBeDefined();
    child.kill();
    await child.exited;
    await waitFor('the end of what it started', async () => (await startTime(below)) === undefined);
  });

  it('is not waited for because of output that it has left open', async () => {
    const code =
      "require('node:child_process').spawn('sleep', ['3'], { stdio: 'inherit', detached: true }).unref(); console.log('begun'); process.exit(0)";
    const child = node(code, { pipeGraceMs: 20 });
    child.stdout.resume();
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  it('talks over a channel', async () => {
    const got: unknown[] = [];
    const child = node("process.on('message', (one) => process.send({ got: one }))", {
      onMessage: (one) => got.push(one),
    });
    child.send({ hello: 1 });
    await waitFor('an answer', async () => got.length > 0);
    await child.stop(() => child.disconnect(), 2 ** 30);
    expect(got).toEqual([{ got: { hello: 1 } }]);
  });
});
