import { describe, expect, it } from 'vitest';
import { FastVideoError } from '../../src/core/base/errors.ts';
import { Bindings } from '../../src/core/pool/bindings.ts';
import type { QueuePosition } from '../../src/core/pool/pool.ts';

interface TestSlot {
  readonly name: string;
  readonly capacity: number;
  ready: boolean;
}

function slot(name: string, capacity = 1, ready = true): TestSlot {
  return { name, capacity, ready };
}

function bindingsWith(...slots: TestSlot[]): Bindings<TestSlot> {
  const bindings = new Bindings<TestSlot>();
  for (const each of slots) bindings.add(each);
  return bindings;
}

const never = new AbortController().signal;

function options(positions: QueuePosition[] = [], timeoutMs = 60_000, signal = never) {
  return { signal, timeoutMs, onPosition: (position: QueuePosition) => positions.push(position) };
}

describe('Bindings', () => {
  it('gives a session the same slot when it asks again', async () => {
    const bindings = bindingsWith(slot('a'), slot('b'));
    const first = await bindings.acquire('s1', options());
    expect(await bindings.acquire('s1', options())).toBe(first);
    expect((await bindings.acquire('s2', options())).name).not.toBe(first.name);
  });

  it('serves those who wait in order of arrival and tells each change of position', async () => {
    const bindings = bindingsWith(slot('a'));
    await bindings.acquire('s1', options());
    const positions2: QueuePosition[] = [];
    const positions3: QueuePosition[] = [];
    const order: string[] = [];
    const second = bindings.acquire('s2', options(positions2)).then(() => order.push('s2'));
    const third = bindings.acquire('s3', options(positions3)).then(() => order.push('s3'));
    expect(bindings.queueDepth).toBe(2);
    bindings.release('s1');
    await second;
    bindings.release('s2');
    await third;
    expect(order).toEqual(['s2', 's3']);
    expect(positions2).toEqual([{ position: 1, queueDepth: 1 }]);
    expect(positions3).toEqual([
      { position: 2, queueDepth: 2 },
      { position: 1, queueDepth: 1 },
    ]);
  });

  it('gives up with gpu_unavailable after the time-out and moves the others up', async () => {
    const bindings = bindingsWith(slot('a'));
    await bindings.acquire('s1', options());
    const positions: QueuePosition[] = [];
    const late = bindings.acquire('s2', options([], 20));
    const third = bindings.acquire('s3', options(positions));
    await expect(late).rejects.toMatchObject({ code: 'gpu_unavailable', retryable: true });
    expect(positions.map(({ position }) => position)).toEqual([2, 1]);
    bindings.release('s1');
    expect((await third).name).toBe('a');
  });

  it('takes one who leaves out of the queue', async () => {
    const bindings = bindingsWith(slot('a'));
    await bindings.acquire('s1', options());
    const leaving = new AbortController();
    const waiting = bindings.acquire('s2', options([], 60_000, leaving.signal));
    leaving.abort(new Error('the client has gone'));
    await expect(waiting).rejects.toThrow('the client has gone');
    expect(bindings.queueDepth).toBe(0);
  });

  it('binds nobody to a slot that is not ready until it is', async () => {
    const cold = slot('a', 1, false);
    const bindings = bindingsWith(cold);
    const waiting = bindings.acquire('s1', options());
    expect(bindings.queueDepth).toBe(1);
    cold.ready = true;
    bindings.settle();
    expect((await waiting).name).toBe('a');
  });

  it('spreads sessions over slots with room for several', async () => {
    const bindings = bindingsWith(slot('a', 2), slot('b', 2));
    const names = [];
    for (const id of ['1', '2', '3', '4']) names.push((await bindings.acquire(id, options())).name);
    expect(names.sort()).toEqual(['a', 'a', 'b', 'b']);
  });

  const gone = () => new FastVideoError('worker_failed', 'it did not come back');
  const healthy = (signal = never) => ({ signal, timeoutMs: 10_000, why: gone });

  it('moves a session from a dead slot to a free one', async () => {
    const [dead, spare] = [slot('a'), slot('b')];
    const bindings = bindingsWith(dead, spare);
    await bindings.acquire('s1', options());
    dead.ready = false;
    expect(await bindings.healthySlot('s1', healthy())).toBe(spare);
    expect(bindings.slotOf('s1')).toBe(spare);
  });

  it('gives a session whose slot died the first slot that is ready again, before those who wait', async () => {
    const [dead, other] = [slot('a'), slot('b')];
    const bindings = bindingsWith(dead, other);
    await bindings.acquire('s1', options());
    await bindings.acquire('s2', options());
    const newcomer = bindings.acquire('s3', options());
    dead.ready = false;
    const stranded = bindings.healthySlot('s1', healthy());
    bindings.release('s2');
    expect(await stranded).toBe(other);
    dead.ready = true;
    bindings.settle();
    expect(await newcomer).toBe(dead);
  });

  it('takes no slot for a stranded session that has left', async () => {
    const dead = slot('a');
    const bindings = bindingsWith(dead);
    await bindings.acquire('s1', options());
    dead.ready = false;
    const left = new AbortController();
    const stranded = bindings.healthySlot('s1', healthy(left.signal));
    bindings.release('s1');
    dead.ready = true;
    bindings.settle();
    left.abort(new Error('it has left'));
    await expect(stranded).rejects.toThrow('it has left');
    expect(bindings.sessionsOn(dead)).toBe(0);
  });

  it('says why when neither the slot comes back nor another is free', async () => {
    const dead = slot('a');
    const bindings = bindingsWith(dead);
    await bindings.acquire('s1', options());
    dead.ready = false;
    const late = bindings.healthySlot('s1', { ...healthy(), timeoutMs: 5 });
    await expect(late).rejects.toThrow('it did not come back');
    const refused = bindings.healthySlot('s1', healthy());
    const waiting = bindings.acquire('s2', options());
    bindings.refuseWaiting(new FastVideoError('gpu_unavailable', 'nobody will come'));
    await expect(refused).rejects.toThrow('nobody will come');
    await expect(waiting).rejects.toThrow('nobody will come');
  });

  it.each([
    [0.5, 'sjsjsjsj'],
    [0.25, 'sssjsssj'],
    [0, 'ssssssss'],
    [1, 'jjjjjjjj'],
  ])('gives jobs the share %d of the slots that come free while both wait', async (share, expected) => {
    const bindings = new Bindings<TestSlot>(share);
    bindings.add(slot('a'));
    await bindings.acquire('first', options());
    const order: string[] = [];
    const wait = (id: string, job: boolean) =>
      bindings.acquire(id, { ...options(), job }).then(() => {
        order.push(id);
        bindings.release(id);
      });
    const waiting = Array.from({ length: 8 }, (_, index) => [
      wait(`s${index}`, false),
      wait(`j${index}`, true),
    ]).flat();
    bindings.release('first');
    await Promise.all(waiting);
    expect(
      order
        .slice(0, 8)
        .map(([kind]) => kind)
        .join(''),
    ).toBe(expected);
    expect(order).toHaveLength(16);
    for (const kind of ['s', 'j']) {
      const own = order.filter((id) => id.startsWith(kind));
      expect(own).toEqual([...own].sort());
    }
  });

  it('does not count jobs among the sessions that wait', async () => {
    const bindings = bindingsWith(slot('a'));
    await bindings.acquire('first', options());
    const positions: QueuePosition[] = [];
    const job = bindings.acquire('job', { ...options(), job: true });
    const session = bindings.acquire('session', options(positions));
    expect(bindings.queueDepth).toBe(1);
    expect(positions).toEqual([{ position: 1, queueDepth: 1 }]);
    bindings.release('first');
    await session;
    bindings.release('session');
    expect((await job).name).toBe('a');
  });
});
