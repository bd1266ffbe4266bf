import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { enhance, expectOrderOf, start } from './enhance-process.ts';

const echo = ['--provider', 'echo'];

describe('fastvideo enhance', () => {
  it('keeps order and count of 10,000 lines', async () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `prompt ${index}`);
    const { code, stdout, stderr } = await enhance(echo, `${lines.join('\n')}\n`);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toEqual([...lines.map((line) => `${line} (enhanced)`), '']);
  });

  it('keeps order and count of 10,000 lines at a provider, sixteen at once', () => expectOrderOf(10_000));

  it('reads no further than its reader reads', async () => {
    const child = start(echo);
    child.stdin?.on('error', () => {});
    let waiting = false;
    const feed = () => {
      while (child.stdin?.write(`${'fox '.repeat(250)}\n`)) waiting = false;
      waiting = true;
      child.stdin?.once('drain', feed);
    };
    feed();
    // Endless input, nobody reads: it must come to rest.
    let written = -1;
    await waitFor('rest', () => {
      const before = written;
      written = child.stdin && 'bytesWritten' in child.stdin ? Number(child.stdin.bytesWritten) : 0;
      return waiting && written === before && written > 0;
    });
    const exited = once(child, 'exit');
    child.stdout?.destroy();
    expect((await exited)[0]).toBe(0);
  });
});
