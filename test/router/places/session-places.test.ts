import { describe, expect, it } from 'vitest';
import { MemoryPlaces } from '../../../src/core/router/places/memory-places.ts';
import { SessionPlaces } from '../../../src/core/router/places/session-places.ts';

const a = 'http://a:1';
const b = 'http://b:1';
const c = 'http://c:1';
const key = (sessionId: string, token = `token of ${sessionId}`) => ({ sessionId, token });

function remember(places: SessionPlaces, sessionId: string, url: string): void {
  places.remember(key(sessionId), key(sessionId), url);
}

describe('the places of sessions', () => {
  it('are the last ones only', async () => {
    const places = new SessionPlaces(new MemoryPlaces(2));
    remember(places, 'one', a);
    remember(places, 'two', b);
    remember(places, 'one', c);
    remember(places, 'three', a);
    expect(await places.find(key('one'))).toEqual({ url: c });
    expect(await places.find(key('two'))).toBeUndefined();
    expect(await places.find(key('three'))).toEqual({ url: a });
    const long = 'x'.repeat(1000);
    remember(places, long, a);
    expect(await places.find(key(long))).toBeUndefined();
  });

  it('tell what a moved session is called now, to who knows its token', async () => {
    const places = new SessionPlaces(new MemoryPlaces());
    remember(places, 'first', a);
    places.remember(key('first'), key('second'), b);
    places.remember(key('first'), key('third'), c);
    expect(await places.find(key('first'))).toEqual({ url: c, key: key('third') });
    expect(await places.find(key('first', 'a guess'))).toEqual({ url: c });
    expect(await places.find({ sessionId: 'first' })).toEqual({ url: c });
    expect(await places.find(key('second'))).toEqual({ url: b });
    expect(await places.find(key('third'))).toEqual({ url: c });
  });

  it('of a session that cannot be resumed have no other name', async () => {
    const places = new SessionPlaces(new MemoryPlaces());
    places.remember({ sessionId: 'first' }, { sessionId: 'second' }, b);
    expect(await places.find({ sessionId: 'second' })).toEqual({ url: b });
    expect(await places.find({ sessionId: 'first' })).toBeUndefined();
  });
});
