import { describe, expect, it } from 'vitest';
import type { ClientFrame } from '../../src/core/protocol/native/client-frames.ts';
import { nativeDialect } from '../../src/core/server/native/dialect.ts';
import type { SessionDialect } from '../../src/core/server/session/dialect.ts';
import type { Session } from '../../src/core/sessions/session.ts';
import { eventually } from '../support/wait-for.ts';
import { ScriptedClient } from './scripted-client.ts';

type Native = SessionDialect<Session, ClientFrame>;

function broken(): never {
  throw new TypeError('a bug on purpose');
}

/** The native dialect with a part that throws. */
function dialectWith(part: (native: Native) => Partial<Native>): typeof nativeDialect {
  return {
    ...nativeDialect,
    session: (...asked) => {
      const native = nativeDialect.session(...asked);
      return { ...native, ...part(native) };
    },
  };
}

const breakages: readonly [string, (native: Native) => Partial<Native>][] = [
  ['a step of its own', () => ({ advance: broken })],
  ['the frames of its opening', () => ({ opened: broken })],
  ['a place in the queue', () => ({ queued: broken })],
  ['what a message does', () => ({ receive: () => broken })],
  ['what a message does later', () => ({ receive: async () => broken })],
  ['a call that it waits for', () => ({ calls: () => [{ slot: 'one', key: 1, run: async () => broken() }] })],
  [
    'a message and the last frames too',
    (native) => ({
      receive: broken,
      closing: (state, closing) => (closing.kind === 'failed' ? broken() : native.closing(state, closing)),
    }),
  ],
];

describe('a bug in one session', () => {
  it.each(breakages)('ends that session with 1011 and a stack in the log: %s', async (_, part) => {
    const client = new ScriptedClient({ dialect: dialectWith(part) });
    client.send({ type: 'session_init_v2' });
    client.send({ type: 'loop_generation_updated', enabled: false });
    await eventually(() => expect(client.closed).toEqual([1011, 'internal_error']));
    expect(client.log).toContain('TypeError: a bug on purpose');
    expect(client.log).toContain('this is a bug of ours');
    expect(client.parts.sessions.size).toBe(0);
  });

  it('tells the client that there was one, and none of its words', async () => {
    const client = new ScriptedClient({ dialect: dialectWith(() => ({ advance: broken })) });
    client.send({ type: 'session_init_v2' });
    await eventually(() => expect(client.closed).toBeDefined());
    const error = client.frames.find(({ type }) => type === 'error');
    expect(error).toMatchObject({ code: 'internal_error', message: expect.not.stringContaining('purpose') });
  });

  it('ends it when its idle time-out meets the bug', async () => {
    const closing: Native['closing'] = (state, end) =>
      end.kind === 'expired' ? broken() : { state, frames: [] };
    const client = new ScriptedClient({ dialect: dialectWith(() => ({ closing })) });
    client.send({ type: 'session_init_v2' });
    await eventually(() => expect(client.session?.phase).toBe('ACTIVE'));
    client.session?.expire();
    expect(client.closed).toEqual([1011, 'internal_error']);
  });
});
