import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { FastVideoError } from '../../src/core/base/errors.ts';
import { ResumableSessions } from '../../src/core/sessions/resume.ts';
import { openSession, type Session } from '../../src/core/sessions/session.ts';
import {
  createMemoryBlobStore,
  createMemorySessionStore,
} from '../../src/core/sessions/stores/memory-stores.ts';
import type { BlobStore, SessionStore } from '../../src/core/sessions/stores/store.ts';
import { eventually } from '../support/wait-for.ts';

const logger = pino({ level: 'silent' });
const forgets = { maxBytes: 1e7, logger };

interface Setup {
  readonly ttlMs?: number;
  readonly sessions?: SessionStore;
  readonly blobs?: BlobStore;
}

function replica({ ttlMs = 60_000, ...stores }: Setup = {}): ResumableSessions {
  const sessions = stores.sessions ?? createMemorySessionStore(forgets.maxBytes);
  const blobs = stores.blobs ?? createMemoryBlobStore(forgets.maxBytes);
  return new ResumableSessions({ sessions, blobs, kind: 'memory', ttlMs, logger });
}

function hold(sessions: ResumableSessions, session: Session, onTaken = () => {}) {
  const kept = sessions.hold(session.id, [], onTaken);
  if (!kept) throw new Error('nothing is kept');
  kept.keep(session);
  return kept;
}

const large = 'x'.repeat(100_000);
const bytes = Uint8Array.from({ length: 20_000 }, (_, index) => index);

const session: Session = {
  ...openSession({
    id: 'abc',
    streamMode: 'av_fmp4',
    toggles: { enhancement: false, autoExtension: false, loop: true },
    singleClip: false,
    curatedPrompts: ['a', 'b'],
    continuation: { kind: 'k', payload: { at: 7, deep: { list: [{ large }, bytes] } } },
  }),
  curatedNext: 1,
  nextSegmentIdx: 3,
  completedSegments: 2,
  ptsBaseMs: 4000,
  timeline: {
    videoFrames: 96,
    audio: { nextSample: 190_464, tailStart: 188_416, tail: Float32Array.of(0.25, -0.5) },
  },
};

describe('a kept session', () => {
  it('comes back as it was, sound and large members included, once', async () => {
    const sessions = replica();
    const kept = hold(sessions, session);
    await kept.settled();
    const taken = await sessions.take('abc', kept.token);
    expect(taken?.session).toEqual(session);
    expect(taken?.blobIds).toHaveLength(3);
    expect(await sessions.take('abc', kept.token)).toBeUndefined();
    await sessions.stop();
  });

  it('is there for every replica when its blobs could not be read for a moment, and for one of a hundred', async () => {
    const store = createMemorySessionStore(forgets.maxBytes);
    const blobs = createMemoryBlobStore(forgets.maxBytes);
    let away = true;
    const get: BlobStore['get'] = async (blobId) => {
      if (away) throw new FastVideoError('store_failed', 'The store is away.');
      return await blobs.get(blobId);
    };
    const sessions = replica({ sessions: store, blobs: { ...blobs, get } });
    const kept = hold(sessions, session);
    await kept.settled();
    await expect(sessions.take('abc', kept.token)).rejects.toMatchObject({
      code: 'store_failed',
      retryable: true,
    });
    away = false;
    const others = [replica({ sessions: store, blobs }), replica({ sessions: store, blobs }), sessions];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => others[index % others.length]?.take('abc', kept.token)),
    );
    const taken = answers.filter((answer) => answer !== undefined);
    expect(taken.map((one) => one.session)).toEqual([session]);
    await sessions.stop();
  });

  it('comes back in its newest state when that is written while an older one is read', async () => {
    const store = createMemorySessionStore(forgets.maxBytes);
    const sessions = replica({ sessions: store });
    const kept = hold(sessions, session);
    await kept.settled();
    const later = { ...session, nextSegmentIdx: 4, completedSegments: 3 };
    const takeIf = vi.spyOn(store, 'takeIf').mockImplementationOnce(async () => {
      kept.keep(later);
      await kept.settled();
      return 'changed';
    });
    expect((await sessions.take('abc', kept.token))?.session).toEqual(later);
    expect(takeIf).toHaveBeenCalledTimes(2);
    await sessions.stop();
  });

  it('comes back to the newest state when the store was away while it was written', async () => {
    const store = createMemorySessionStore(forgets.maxBytes);
    let away = false;
    const put: SessionStore['put'] = async (...record) => {
      if (away) throw new FastVideoError('store_failed', 'The store is away.');
      return await store.put(...record);
    };
    const sessions = replica({ sessions: { ...store, put } });
    const kept = hold(sessions, session);
    await kept.settled();
    away = true;
    const later = { ...session, nextSegmentIdx: 4, completedSegments: 3 };
    kept.keep(later);
    await sessions.release(kept, false);
    away = false;
    expect((await sessions.take('abc', kept.token))?.session).toEqual(later);
    await sessions.stop();
  });

  it('is not written again and again when it is larger than the store takes', async () => {
    vi.useFakeTimers();
    try {
      const store = createMemorySessionStore(forgets.maxBytes);
      const put = vi
        .fn<SessionStore['put']>()
        .mockRejectedValue(new FastVideoError('store_failed', 'It is too large.', { retryable: false }));
      const sessions = replica({ sessions: { ...store, put } });
      const kept = hold(sessions, session);
      await kept.settled();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(put).toHaveBeenCalledTimes(1);
      await sessions.stop();
    } finally {
      vi.useRealTimers();
    }
  });

  it('comes back to none with a wrong token or id, and still to who has the right ones', async () => {
    const sessions = replica();
    const kept = hold(sessions, session);
    await kept.settled();
    expect(await sessions.take('abc', 'wrong')).toBeUndefined();
    expect(await sessions.take('other', kept.token)).toBeUndefined();
    expect(await sessions.take('abc', kept.token)).toBeDefined();
    await sessions.stop();
  });

  it('is nowhere without a retention time, and gone after it', async () => {
    expect(replica({ ttlMs: 0 }).hold('abc', [], () => {})).toBeUndefined();
    const sessions = replica({ ttlMs: 1 });
    const kept = hold(sessions, session);
    await sessions.release(kept, false);
    await eventually(async () => expect(await sessions.take('abc', kept.token)).toBeUndefined());
    await sessions.stop();
  });

  it('leaves nothing behind when it is forgotten', async () => {
    const store = createMemorySessionStore(1e6);
    const blobs = createMemoryBlobStore(1e6);
    const put = vi.spyOn(blobs, 'put');
    const sessions = replica({ sessions: store, blobs });
    const kept = hold(sessions, session);
    await sessions.release(kept, true);
    expect(await sessions.take('abc', kept.token)).toBeUndefined();
    const ids = await Promise.all(put.mock.results.map(({ value }) => value as Promise<string>));
    expect(ids).toHaveLength(3);
    expect(await Promise.all(ids.map((id) => blobs.get(id)))).toEqual([undefined, undefined, undefined]);
    await sessions.stop();
  });

  it('drops the blobs of a state that was replaced, and writes none of one that was not', async () => {
    const blobs = createMemoryBlobStore(1e6);
    const put = vi.spyOn(blobs, 'put');
    const sessions = replica({ blobs });
    const kept = hold(sessions, session);
    await kept.settled();
    kept.keep({ ...session, paused: true });
    await kept.settled();
    expect(put).toHaveBeenCalledTimes(3);
    const first = await Promise.all(put.mock.results.map(({ value }) => value as Promise<string>));
    kept.keep({ ...session, continuation: { kind: 'k', payload: { large: `${large}2` } } });
    await kept.settled();
    expect(put).toHaveBeenCalledTimes(4);
    const left = await Promise.all(first.map((id) => blobs.get(id)));
    expect(left.filter((blob) => blob !== undefined)).toHaveLength(1);
    await sessions.stop();
  });

  it('tells the one who still holds it that it was taken, and is not written again', async () => {
    const store = createMemorySessionStore(1e6);
    const blobs = createMemoryBlobStore(1e6);
    const here = replica({ sessions: store, blobs });
    const there = replica({ sessions: store, blobs });
    const onTaken = vi.fn();
    const kept = hold(here, session, onTaken);
    await kept.settled();
    expect(await there.take('abc', kept.token)).toBeDefined();
    kept.keep({ ...session, paused: true });
    await kept.settled();
    expect(onTaken).toHaveBeenCalledTimes(1);
    expect(await there.take('abc', kept.token)).toBeUndefined();
  });

  it('is kept on while it lives, beyond its time to live', async () => {
    vi.useFakeTimers();
    const sessions = replica({ ttlMs: 60_000 });
    await sessions.start();
    const kept = hold(sessions, session);
    await vi.advanceTimersByTimeAsync(150_000);
    expect(await sessions.take('abc', kept.token)).toBeDefined();
    vi.useRealTimers();
    await sessions.stop();
  });

  it('is written again when the store has lost it, and later when the store fails', async () => {
    const store = createMemorySessionStore(1e6);
    const blobs = createMemoryBlobStore(1e6);
    const sessions = replica({ sessions: store, blobs });
    vi.spyOn(store, 'put').mockRejectedValueOnce(new Error('the store is away'));
    const kept = hold(sessions, session);
    await kept.settled();
    expect(vi.mocked(store.put)).toHaveBeenCalledTimes(1);
    // Whatever was in the store is gone, blobs too.
    vi.spyOn(blobs, 'touch').mockResolvedValue(false);
    kept.refresh();
    await kept.settled();
    expect((await sessions.take('abc', kept.token))?.session).toEqual(session);
    await sessions.stop();
  });

  it('is written when the store is back, also when its client has gone meanwhile', async () => {
    vi.useFakeTimers();
    const store = createMemorySessionStore(1e6);
    const sessions = replica({ sessions: store });
    vi.spyOn(store, 'put').mockRejectedValueOnce(new Error('away')).mockRejectedValueOnce(new Error('away'));
    const kept = hold(sessions, session);
    await sessions.release(kept, false);
    expect(vi.mocked(store.put)).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(2500);
    expect((await sessions.take('abc', kept.token))?.session).toEqual(session);
    vi.useRealTimers();
    await sessions.stop();
  });

  it('hands its state out by references that are taken back', async () => {
    const { loadState } = await import('../../src/core/sessions/state-blobs.ts');
    const sessions = replica();
    const kept = hold(sessions, session);
    const { continuation } = session;
    if (!continuation) throw new Error('the session has a state');
    const referenced = await kept.referencedState(continuation);
    expect(JSON.stringify(referenced).length).toBeLessThan(1000);
    expect(JSON.stringify(referenced)).toContain('$ref');
    expect(await loadState(JSON.parse(JSON.stringify(referenced)), sessions.blobs)).toEqual(continuation);
    await sessions.release(kept, true);
    await expect(loadState(referenced, sessions.blobs)).rejects.toMatchObject({ code: 'preset_mismatch' });
  });
});
