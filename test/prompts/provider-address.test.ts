import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProvider } from '../../src/core/prompts/providers/known-providers.ts';
import { type StandInProvider, startStandInProvider } from '../support/stand-in-provider.ts';
import { enhancerOver } from './enhancers.ts';

let one: StandInProvider;
let other: StandInProvider;
beforeEach(async () => {
  [one, other] = await Promise.all([startStandInProvider(), startStandInProvider()]);
});
afterEach(() => Promise.all([one.stop(), other.stop()]));

const redirect = (status: number, location: string) =>
  ({ kind: 'status', status, headers: { location }, body: '' }) as const;

describe('the base URL', () => {
  it.each([
    ['/', '/v1/chat/completions'],
    ['/chat/completions', '/v1/chat/completions'],
    ['/chat/completions/', '/v1/chat/completions'],
    ['?version=2', '/v1/chat/completions?version=2'],
    ['/chat/completions?version=2', '/v1/chat/completions?version=2'],
  ])('may end with %s', async (end, path) => {
    const enhancer = enhancerOver([{ ...one, baseUrl: `${one.baseUrl}${end}` }]);
    expect((await enhancer.enhance('a fox')).content).toBe('better: a fox');
    expect(one.calls.map((call) => call.path)).toEqual([path]);
  });

  it('is told, with what it lacks and without its query, where nothing is found', async () => {
    one.reply({ kind: 'status', status: 404, body: 'not found' });
    const root = one.baseUrl.replace('/v1', '');
    await expect(enhancerOver([{ ...one, baseUrl: `${root}?key=k` }]).enhance('x')).rejects.toThrow(
      `404 not found (asked at ${root}/chat/completions; base URLs usually end with /v1)`,
    );
  });
});

describe('a redirect', () => {
  it.each([301, 302, 307, 308])('%i within the origin is followed with the whole call', async (status) => {
    one.reply(({ path, user }) =>
      path === '/v1/chat/completions'
        ? redirect(status, '/v2/chat')
        : { kind: 'answer', content: `moved: ${user}` },
    );
    expect((await enhancerOver([one]).enhance('a fox')).content).toBe('moved: a fox');
    expect(one.calls[1]).toMatchObject({ path: '/v2/chat', headers: { authorization: 'Bearer sk-secret' } });
  });

  it.each([301, 302, 303, 307, 308])('%i to another origin is told and not followed', async (status) => {
    one.reply(redirect(status, `${other.baseUrl}/chat/completions?token=t`));
    const { origin } = new URL(other.baseUrl);
    await expect(enhancerOver([one]).enhance('a fox')).rejects.toThrow(
      `one answered ${status}, a redirect to ${origin} that is not followed: set the base URL to where it leads.`,
    );
    expect([one.calls.length, other.calls.length]).toEqual([1, 0]);
  });

  it('to itself ends', async () => {
    one.reply(redirect(307, '/v1/chat/completions'));
    await expect(enhancerOver([one]).enhance('a fox')).rejects.toThrow('a redirect');
    expect(one.calls).toHaveLength(6);
  });
});

describe('a key', () => {
  const settings = () => ({ provider: 'openai', model: 'm', baseUrl: one.baseUrl }) as const;
  const build = (OPENAI_API_KEY: string) => createProvider(settings(), { OPENAI_API_KEY });

  it.each(['sk-\u0430bc', 'sk-\u00e9', 'sk-\n-bc', 'sk bc', 'sk-\u200b'])(
    'that no header can carry is refused, and not shown: %j',
    (key) => {
      expect(() => build(key)).toThrow(
        /^The key of the prompt provider openai \(OPENAI_API_KEY\) contains a character \(position \d\) /,
      );
      expect(() => build(key)).not.toThrow(/sk/);
    },
  );

  it.each([
    ['sk-abc\r\n', 'Bearer sk-abc'],
    [' \n', undefined],
  ])('is taken without the space around it: %j', async (key, authorization) => {
    await enhancerOver([], { providers: [build(key)] }).enhance('a fox');
    expect(one.calls[0]?.headers.authorization).toBe(authorization);
  });
});

describe('Retry-After, in a batch', () => {
  it.each([429, 503])('of a %i is waited for, and the prompt comes out', async (status) => {
    one.reply(({ index, user }) =>
      index === 0
        ? { kind: 'status', status, headers: { 'retry-after-ms': '20' } }
        : { kind: 'answer', content: `better: ${user}` },
    );
    const enhancer = enhancerOver([one], { waitsForRetryAfter: true });
    expect((await enhancer.enhance('a fox')).content).toBe('better: a fox');
    expect(one.calls).toHaveLength(2);
  });

  it.each([
    ['fails', 0],
    ['fails when the wait is over', 60],
  ])('is waited for where another provider %s', async (_, answersAfterMs) => {
    one.reply(({ index }) =>
      index === 0
        ? { kind: 'status', status: 429, headers: { 'retry-after-ms': '20' } }
        : { kind: 'answer', content: 'well again' },
    );
    other.reply(async () => {
      await sleep(answersAfterMs);
      return { kind: 'status', status: 500 };
    });
    const enhancer = enhancerOver([one, other], { waitsForRetryAfter: true });
    expect((await enhancer.enhance('a fox')).content).toBe('well again');
  });

  it('that is longer than the time limit fails at once, after one call', async () => {
    one.reply({ kind: 'status', status: 429, headers: { 'retry-after': '3600' } });
    const enhancer = enhancerOver([one], { waitsForRetryAfter: true });
    await expect(enhancer.enhance('a fox')).rejects.toMatchObject({ retryable: true });
    expect(one.calls).toHaveLength(1);
  });

  it('is given up when the call is cancelled', async () => {
    one.reply({ kind: 'status', status: 429, headers: { 'retry-after': '10' } });
    const controller = new AbortController();
    const reason = new Error('enough');
    const enhancer = enhancerOver([one], {
      waitsForRetryAfter: true,
      onCall: () => setImmediate(() => controller.abort(reason)),
    });
    await expect(enhancer.enhance('a fox', { signal: controller.signal })).rejects.toBe(reason);
  });
});
