import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestTarget } from '../../src/core/base/http/request-target.ts';

describe('requestTarget', () => {
  it.each([
    ['/v1/stream?api_key=a%20b', '/v1/stream', '?api_key=a%20b'],
    ['/ws', '/ws', ''],
    ['/ws?', '/ws', '?'],
    ['/ws#part', '/ws', ''],
    ['http://video.example:99999/ws?a=1', '/ws', '?a=1'],
    ['http://[x]/v1/stream', '/v1/stream', ''],
    ['http://video.example', '/', ''],
    ['//', '//', ''],
    ['*', '*', ''],
    ['', '/', ''],
    [undefined, '/', ''],
  ])('reads %s', (target, path, search) => {
    expect(requestTarget(target)).toEqual({ path, search });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (target) => {
        expect(typeof requestTarget(target).path).toBe('string');
      }),
    );
  });
});
