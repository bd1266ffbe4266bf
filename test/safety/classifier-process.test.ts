import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSafetyFilter } from '../../src/core/safety/create-safety-filter.ts';
import { eventually } from '../support/wait-for.ts';
import { brutal, calm, classifierPids, fastTextModel, filterWith, program, tokensModel } from './fixtures.ts';

const classifiers = [{ path: fastTextModel }];

async function onlyPid(): Promise<number> {
  const [pid, ...others] = await classifierPids();
  expect(others).toEqual([]);
  if (pid === undefined) throw new Error('There is no process.');
  return pid;
}

describe("the classifiers' process", () => {
  it('that is killed at work makes the prompts at hand unavailable, and the next ones are checked again', async () => {
    await using filter = await filterWith({ classifiers });
    process.kill(await onlyPid(), 'SIGSTOP');
    const atWork = filter.check([calm, brutal]);
    await nextTurn();
    process.kill(await onlyPid(), 'SIGKILL');
    const reason = "The classifiers' process ended with SIGKILL.";
    const lost = { decision: 'unavailable', label: null, score: null, reason, classifier: null };
    expect(await atWork).toEqual([lost, lost]);
    expect(await filter.check([calm, brutal])).toMatchObject([{ decision: 'allow' }, { decision: 'block' }]);
  });

  it('that stays silent is killed after the time-out and replaced', async () => {
    await using filter = await filterWith({ classifiers, timeoutMs: 1500 });
    process.kill(await onlyPid(), 'SIGSTOP');
    const reason = "The classifiers' process took longer than 1500 ms for one batch.";
    expect(await filter.check([calm])).toMatchObject([{ decision: 'unavailable', reason }]);
    await eventually(async () => expect(await filter.check([brutal])).toMatchObject([{ decision: 'block' }]));
  });

  it('that dies between two prompts is replaced before the next', async () => {
    await using filter = await filterWith({ classifiers });
    for (let death = 0; death < 2; death += 1) {
      const pid = await onlyPid();
      process.kill(pid, 'SIGKILL');
      await eventually(async () => {
        expect(await filter.check([calm])).toMatchObject([{ decision: 'allow' }]);
        expect(await onlyPid()).not.toBe(pid);
      });
    }
  });

  it('leaves the event loop free while it works', async () => {
    await using filter = await filterWith({ classifiers: [{ path: tokensModel }] });
    let turns = 0;
    let done = false;
    const work = filter.check(Array.from({ length: 1280 }, (_, index) => `${calm} ${index}`)).finally(() => {
      done = true;
    });
    while (!done) {
      await nextTurn();
      turns += 1;
    }
    expect((await work).length).toBe(1280);
    // 1280 prompts are 20 batches; each answer comes in a turn of its own.
    expect(turns).toBeGreaterThan(17);
  });

  it('answers many callers at once, each in its own order', async () => {
    await using filter = await filterWith({ classifiers, batchSize: 16 });
    const calls = Array.from({ length: 200 }, (_, index) =>
      index % 2 ? [calm, brutal, ''] : [brutal, calm],
    );
    const answers = await Promise.all(calls.map((prompts) => filter.check(prompts)));
    for (const [index, answer] of answers.entries()) {
      expect(answer.map(({ decision }) => decision)).toEqual(
        index % 2 ? ['allow', 'block', 'allow'] : ['block', 'allow'],
      );
    }
  });

  it('throws the reason of an aborted signal, and serves the others', async () => {
    await using filter = await filterWith({ classifiers });
    const reason = new Error('enough');
    await expect(filter.check([calm], AbortSignal.abort(reason))).rejects.toBe(reason);
    process.kill(await onlyPid(), 'SIGSTOP');
    const leaving = new AbortController();
    const left = filter.check([calm], leaving.signal);
    const staying = filter.check([brutal]);
    leaving.abort(reason);
    await expect(left).rejects.toBe(reason);
    process.kill(await onlyPid(), 'SIGCONT');
    expect(await staying).toMatchObject([{ decision: 'block' }]);
  });

  it('is started by the first prompt when it is lazy, and ends when the filter is closed', async () => {
    const filter = await createSafetyFilter({ classifiers, program, lazy: true });
    expect(await classifierPids()).toEqual([]);
    expect(await filter.check([brutal])).toMatchObject([{ decision: 'block' }]);
    await onlyPid();
    await filter.close();
    expect(await classifierPids()).toEqual([]);
    const reason = 'The safety filter is closed.';
    expect(await filter.check([brutal])).toMatchObject([{ decision: 'unavailable', reason }]);
    await filter.close();
  });

  it('that cannot be loaded later tells each prompt why', async () => {
    const missing = [{ path: '/nope.bin' }];
    const filter = await createSafetyFilter({ classifiers: missing, program, lazy: true });
    const reason = 'The safety classifier /nope.bin cannot be read: there is no such file.';
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await filter.check([calm])).toMatchObject([{ decision: 'unavailable', reason }]);
    }
    await filter.close();
  });

  it('stops loading when the signal aborts, or its time is over', async () => {
    const reason = new Error('enough');
    await expect(
      createSafetyFilter({ classifiers, program, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
    const leaving = new AbortController();
    const starting = createSafetyFilter({ classifiers, program, signal: leaving.signal });
    leaving.abort(reason);
    await expect(starting).rejects.toBe(reason);
    await expect(createSafetyFilter({ classifiers, program, startTimeoutMs: 1 })).rejects.toMatchObject({
      code: 'start_failed',
      message: 'Loading the safety classifiers took longer than 0.001 s.',
    });
    expect(await classifierPids()).toEqual([]);
  });
});
