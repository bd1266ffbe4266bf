import { describe, expect, it } from 'vitest';
import { ResumableSessions } from '../../src/core/sessions/resume.ts';
import { openSession, type Session } from '../../src/core/sessions/session.ts';
import {
  createMemoryBlobStore,
  createMemorySessionStore,
} from '../../src/core/sessions/stores/memory-stores.ts';

function resumable(ttlMs = 60_000): ResumableSessions {
  return new ResumableSessions(createMemorySessionStore(1e6), createMemoryBlobStore(1e6), ttlMs);
}

const session: Session = {
  ...openSession({
    id: 'abc',
    toggles: { enhancement: false, autoExtension: false, loop: true },
    singleClip: false,
    curatedPrompts: ['a', 'b'],
    continuation: { kind: 'k', payload: { at: 7 } },
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

describe('resume', () => {
  it('gives the session back as it was, sound included, once', async () => {
    const sessions = resumable();
    const token = sessions.newToken();
    await sessions.save(session, token);
    expect(await sessions.take('abc', token)).toEqual(session);
    expect(await sessions.take('abc', token)).toBeUndefined();
    await sessions.stop();
  });

  it('gives nothing for a wrong token, and still takes the right one', async () => {
    const sessions = resumable();
    const token = sessions.newToken();
    await sessions.save(session, token);
    expect(await sessions.take('abc', sessions.newToken())).toBeUndefined();
    expect(await sessions.take('other', token)).toBeUndefined();
    expect(await sessions.take('abc', token)).toBeDefined();
    await sessions.stop();
  });

  it('gives nothing after the retention time', async () => {
    const sessions = resumable(0);
    const token = sessions.newToken();
    await sessions.save(session, token);
    expect(await sessions.take('abc', token)).toBeUndefined();
    await sessions.stop();
  });
});
