import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openLineOutput } from '../../../src/commands/pipe/line-output.ts';

describe('openLineOutput', () => {
  it('writes each line with its end and has them all handed over at the end', async () => {
    let text = '';
    const output = openLineOutput(
      new Writable({
        write(chunk: Buffer, _, done) {
          text += chunk.toString('utf8');
          setImmediate(done);
        },
      }),
    );
    await output.write('a');
    await output.write('');
    await output.write('ü');
    await output.end();
    expect(text).toBe('a\n\nü\n');
  });

  it('holds the writer while the reader is slow', async () => {
    let release: (() => void) | undefined;
    const stream = new Writable({
      highWaterMark: 4,
      write(_chunk, _encoding, done) {
        release = done;
      },
    });
    const output = openLineOutput(stream);
    let ready = false;
    const write = output.write('more than four').then(() => {
      ready = true;
    });
    await turn();
    expect(ready).toBe(false);
    release?.();
    await write;
    expect(ready).toBe(true);
  });

  it('says that the reader has gone, and throws the error for every line from then on', async () => {
    const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(gone) });
    const output = openLineOutput(stream);
    await expect(output.write('a')).rejects.toBe(gone);
    expect([output.closed.aborted, output.closed.reason]).toEqual([true, gone]);
    await expect(output.write('b')).rejects.toBe(gone);
    await expect(output.end()).rejects.toBe(gone);
  });
});
