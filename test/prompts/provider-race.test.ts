import { describe, expect, it } from 'vitest';
import type { ProviderCall } from '../../src/core/prompts/provider-chain.ts';
import type { StandInReply } from '../support/stand-in-provider.ts';
import { waitFor } from '../support/wait-for.ts';
import { enhancerOver } from './enhancers.ts';
import { down, one, two, twoStandIns } from './two-stand-ins.ts';

twoStandIns();

const silent: StandInReply = { kind: 'stall' };
const refusing: StandInReply = { kind: 'status', status: 400 };
/** Longer than any test waits. */
const never = 3_600_000;

/** Nothing runs out of time by itself. */
const racing = (raceDelayMs: number, onCall: (call: ProviderCall) => void = () => undefined) =>
  enhancerOver([one, two], { raceDelayMs, timeoutMs: never, onCall });

describe('a race of two providers', () => {
  it('is won by the second while the first is silent, whose call is cancelled and counts as no failure', async () => {
    one.reply(silent);
    const calls: ProviderCall[] = [];
    const enhancer = racing(1, (call) => calls.push(call));
    expect(await enhancer.enhance('a fox')).toMatchObject({
      content: 'better: a fox',
      provider: 'two',
      fallbackUsed: true,
    });
    await waitFor('a call that was hung up', () => one.hungUp === 1);
    await waitFor('both calls', () => calls.length === 2);
    expect(calls.map(({ provider, outcome }) => [provider, outcome]).sort()).toEqual([
      ['one', 'cancelled'],
      ['two', 'answered'],
    ]);
    expect(enhancer.stats()).toMatchObject([{ failures: 0 }, { successes: 1 }]);
  });

  it('asks only the first while that answers in time', async () => {
    expect(await racing(never).enhance('a fox')).toMatchObject({ provider: 'one', fallbackUsed: false });
    expect(two.calls).toHaveLength(0);
  });

  it('asks the second at once when the first fails', async () => {
    one.reply(down);
    expect(await racing(never).enhance('a fox')).toMatchObject({ provider: 'two' });
  });

  it('waits for the slow one when the quick one fails', async () => {
    let answer: (reply: StandInReply) => void = () => undefined;
    const late = new Promise<StandInReply>((resolve) => {
      answer = resolve;
    });
    one.reply(() => late);
    two.reply(() => {
      setImmediate(answer, { kind: 'answer', content: 'better late' });
      return refusing;
    });
    expect(await racing(0).enhance('a fox')).toMatchObject({ content: 'better late', provider: 'one' });
  });

  it('ends with what both said when none can answer', async () => {
    one.reply(down);
    two.reply(down);
    const failed = racing(0).enhance('a fox');
    await expect(failed).rejects.toMatchObject({ code: 'prompt_failed', retryable: true });
    // In the order in which they ended.
    await expect(failed).rejects.toThrow('one answered 500');
    await expect(failed).rejects.toThrow('two answered 500');
    two.reply(refusing);
    await expect(racing(0).enhance('a fox')).rejects.toMatchObject({ retryable: false });
  });

  it('ends when nobody waits for it any more', async () => {
    one.reply(silent);
    two.reply(silent);
    const nobody = new AbortController();
    const asked = racing(0).enhance('a fox', { signal: nobody.signal });
    await waitFor('both calls', () => one.calls.length + two.calls.length === 2);
    nobody.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
    await waitFor('calls that were hung up', () => one.hungUp + two.hungUp === 2);
  });
});
