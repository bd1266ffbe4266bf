import { describe, expect, it } from 'vitest';
import { LogDestination } from '../../src/core/base/log-destination.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('the destination of the log', () => {
  it('writes what a descriptor takes only in pieces', () => {
    const written: string[] = [];
    const destination = new LogDestination(2, (bytes) => {
      written.push(Buffer.from(bytes.subarray(0, 3)).toString());
      return Math.min(3, bytes.length);
    });
    destination.write('a line\n');
    expect(written.join('')).toBe('a line\n');
  });

  it.each(['ENOSPC', 'EPIPE', 'EAGAIN'])(
    'drops lines at %s, and says how many when it works again',
    (code) => {
      const written: string[] = [];
      let broken = true;
      const destination = new LogDestination(2, (bytes) => {
        if (broken) throw systemError(code);
        written.push(Buffer.from(bytes).toString());
        return bytes.length;
      });
      destination.write('one\n');
      destination.write('two\n');
      broken = false;
      destination.write('three\n');
      expect(written).toHaveLength(2);
      expect(JSON.parse(written[0] ?? '')).toMatchObject({ dropped: 2, msg: 'log lines were dropped' });
      expect(written[1]).toBe('three\n');
    },
  );
});
