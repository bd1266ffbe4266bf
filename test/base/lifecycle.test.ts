import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Lifecycle, type Part } from '../../src/core/base/lifecycle.ts';

const logger = pino({ level: 'silent' });

function part(name: string, calls: string[], failing: 'start' | 'stop' | 'drain' | 'none' = 'none'): Part {
  const step = (what: 'start' | 'stop' | 'drain') => async () => {
    calls.push(`${what} ${name}`);
    if (what === failing) throw new Error(`${name} cannot ${what}`);
  };
  return { name, start: step('start'), drain: step('drain'), stop: step('stop') };
}

describe('Lifecycle', () => {
  it('starts in order, drains before it stops, and stops in reverse', async () => {
    const calls: string[] = [];
    const lifecycle = new Lifecycle([part('a', calls), part('b', calls)], logger);
    await lifecycle.start();
    await lifecycle.drain(1);
    await lifecycle.stop();
    expect(calls).toEqual(['start a', 'start b', 'drain b', 'drain a', 'stop b', 'stop a']);
  });

  it('stops what was started when a part cannot start, and throws its error', async () => {
    const calls: string[] = [];
    const parts = [part('a', calls), part('b', calls, 'start'), part('c', calls)];
    await expect(new Lifecycle(parts, logger).start()).rejects.toThrow('b cannot start');
    expect(calls).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  });

  it('stops the other parts when one cannot stop', async () => {
    const calls: string[] = [];
    const lifecycle = new Lifecycle([part('a', calls), part('b', calls, 'stop')], logger);
    await lifecycle.start();
    await lifecycle.stop();
    expect(calls.slice(-2)).toEqual(['stop b', 'stop a']);
  });

  it('goes on without a part that never ends, and says which', async () => {
    const calls: string[] = [];
    const lines: string[] = [];
    const never = () => new Promise<void>(() => {});
    const stuck: Part = { name: 'stuck', drain: never, stop: never };
    const log = pino({ level: 'error' }, { write: (line: string) => lines.push(line) });
    const lifecycle = new Lifecycle([part('a', calls), stuck], log, 20);
    await lifecycle.start();
    await lifecycle.drain(0.02);
    await lifecycle.stop();
    expect(calls).toEqual(['start a', 'drain a', 'stop a']);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { part: 'stuck', msg: 'drain failed', error: 'It has not ended within 0.04 s.' },
      { part: 'stuck', msg: 'stop failed', error: 'It has not ended within 0.02 s.' },
    ]);
  });

  it('starts no further part once it is stopped, and stops the one that was starting when it has', async () => {
    const calls: string[] = [];
    let started = (): void => {};
    const slow: Part = {
      ...part('slow', calls),
      start: () =>
        new Promise((resolve) => {
          started = resolve;
        }),
    };
    const lifecycle = new Lifecycle([part('a', calls), slow, part('c', calls)], logger);
    const starting = lifecycle.start();
    await Promise.resolve();
    await lifecycle.stop();
    started();
    await starting;
    expect(calls).toEqual(['start a', 'stop slow', 'stop a', 'stop slow']);
  });

  it('stops a part once, however often it is asked', async () => {
    const calls: string[] = [];
    const lifecycle = new Lifecycle([part('a', calls)], logger);
    await lifecycle.start();
    await lifecycle.stop();
    await lifecycle.stop();
    expect(calls).toEqual(['start a', 'stop a']);
  });
});
