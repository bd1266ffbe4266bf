import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { poll } from '../../../src/tui/source/poller.ts';
import type { StatusSource } from '../../../src/tui/source/status-source.ts';
import { quietStatus } from '../sample-status.ts';

describe('poll', () => {
  it('reads one after the other, goes on after a failure and ends with its signal', async () => {
    const end = new AbortController();
    let running = 0;
    let most = 0;
    let reads = 0;
    const source: StatusSource = {
      label: 'this server',
      async read() {
        running += 1;
        most = Math.max(most, running);
        await delay(5);
        running -= 1;
        reads += 1;
        if (reads % 2 === 0) throw new Error('away');
        return quietStatus();
      },
    };
    const seen: string[] = [];
    await poll({
      source,
      intervalMs: 1,
      signal: end.signal,
      onStatus: () => seen.push('status'),
      onProblem: () => {
        seen.push('problem');
        if (seen.length >= 6) end.abort();
      },
    });
    expect(most).toBe(1);
    expect(seen).toEqual(['status', 'problem', 'status', 'problem', 'status', 'problem']);
  });

  it('tells nothing of a read that its signal ended', async () => {
    const end = new AbortController();
    const source: StatusSource = {
      label: 'this server',
      read: (signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    };
    const seen: string[] = [];
    const polling = poll({
      source,
      intervalMs: 1,
      signal: end.signal,
      onStatus: () => seen.push('status'),
      onProblem: () => seen.push('problem'),
    });
    end.abort();
    await polling;
    expect(seen).toEqual([]);
  });
});
