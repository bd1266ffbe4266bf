import { describe, expect, it } from 'vitest';
import { FastVideoError } from '../../src/core/base/errors.ts';
import { UnrelatedDeathError } from '../../src/core/generators/program/worker-process.ts';
import { DeadlyRequests } from '../../src/core/pool/subprocess/deadly-requests.ts';
import { request } from './pool-contract.ts';

const died = new FastVideoError('worker_failed', 'It was ended by SIGSEGV.');

/** The same requests under a clock of the test's. */
function requests() {
  const clock = { now: 0 };
  return { clock, deadly: new DeadlyRequests(() => clock.now) };
}

describe('DeadlyRequests', () => {
  it('refuses what two workers have died of, with what was said last', () => {
    const { deadly } = requests();
    deadly.check(request);
    expect(deadly.afterError(request, died)).toBe(died);
    deadly.check({ ...request });
    const refusal = deadly.afterError({ ...request }, died);
    expect(refusal).toMatchObject({ code: 'worker_failed', retryable: false, cause: died });
    expect(refusal).toHaveProperty('message', expect.stringMatching(/SIGSEGV\.$/));
    expect(() => deadly.check(request)).toThrow('has ended 2 workers');
  });

  it('tells requests apart by all that they ask for', () => {
    const state = (byte: number) => ({ kind: 'k', payload: { latents: Uint8Array.of(byte) } });
    const { deadly } = requests();
    for (let death = 1; death <= 2; death += 1)
      deadly.afterError({ ...request, continuationState: state(1) }, died);
    expect(() => deadly.check({ ...request, continuationState: state(1) })).toThrow();
    deadly.check({ ...request, continuationState: state(2) });
    deadly.check({ ...request, seed: 2, continuationState: state(1) });
    deadly.check(request);
  });

  it.each([
    ['a worker that was gone before', new UnrelatedDeathError('It is not running.')],
    ['a failure that is none of the worker', new FastVideoError('generator_failed', 'No.')],
    ['a time-out', new FastVideoError('upstream_timeout')],
    ['a bug', new Error('A bug.')],
  ])('counts no %s', (_, error) => {
    const { deadly } = requests();
    for (let time = 1; time <= 3; time += 1) expect(deadly.afterError(request, error)).toBe(error);
    deadly.check(request);
  });

  it('forgets what went well, and what was long ago', () => {
    const { deadly, clock } = requests();
    deadly.afterError(request, died);
    deadly.forget(request);
    expect(deadly.afterError(request, died)).toBe(died);
    deadly.afterError(request, died);
    expect(() => deadly.check(request)).toThrow();
    clock.now += 600_000;
    deadly.check(request);
    expect(deadly.afterError(request, died)).toBe(died);
  });

  it('remembers a thousand at most', () => {
    const { deadly } = requests();
    for (let seed = 0; seed < 1001; seed += 1) {
      deadly.afterError({ ...request, seed }, died);
      deadly.afterError({ ...request, seed }, died);
    }
    deadly.check({ ...request, seed: 0 });
    expect(() => deadly.check({ ...request, seed: 1 })).toThrow();
  });
});
