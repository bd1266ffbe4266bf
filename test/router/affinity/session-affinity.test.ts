import { describe, expect, it } from 'vitest';
import { MemoryAffinity } from '../../../src/core/router/affinity/memory-affinity.ts';
import { SessionAffinity } from '../../../src/core/router/affinity/session-affinity.ts';

const a = 'http://a:1';
const b = 'http://b:1';
const c = 'http://c:1';
const key = (sessionId: string, token = `token of ${sessionId}`) => ({ sessionId, token });

function remember(affinity: SessionAffinity, sessionId: string, url: string): void {
  affinity.remember(key(sessionId), key(sessionId), url);
}

describe('the affinity of sessions', () => {
  it('are the last ones only', async () => {
    const affinity = new SessionAffinity(new MemoryAffinity(2));
    remember(affinity, 'one', a);
    remember(affinity, 'two', b);
    remember(affinity, 'one', c);
    remember(affinity, 'three', a);
    expect(await affinity.find(key('one'))).toEqual({ url: c });
    expect(await affinity.find(key('two'))).toBeUndefined();
    expect(await affinity.find(key('three'))).toEqual({ url: a });
    const long = 'x'.repeat(1000);
    remember(affinity, long, a);
    expect(await affinity.find(key(long))).toBeUndefined();
  });

  it('tell what a moved session is called now, to who knows its token', async () => {
    const affinity = new SessionAffinity(new MemoryAffinity());
    remember(affinity, 'first', a);
    affinity.remember(key('first'), key('second'), b);
    affinity.remember(key('first'), key('third'), c);
    expect(await affinity.find(key('first'))).toEqual({ url: c, key: key('third') });
    expect(await affinity.find(key('first', 'a guess'))).toEqual({ url: c });
    expect(await affinity.find({ sessionId: 'first' })).toEqual({ url: c });
    expect(await affinity.find(key('second'))).toEqual({ url: b });
    expect(await affinity.find(key('third'))).toEqual({ url: c });
  });

  it('of a session that cannot be resumed have no other name', async () => {
    const affinity = new SessionAffinity(new MemoryAffinity());
    affinity.remember({ sessionId: 'first' }, { sessionId: 'second' }, b);
    expect(await affinity.find({ sessionId: 'second' })).toEqual({ url: b });
    expect(await affinity.find({ sessionId: 'first' })).toBeUndefined();
  });
});
