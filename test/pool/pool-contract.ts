import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerationRequest } from '../../src/core/generators/generator.ts';
import { timelineStart } from '../../src/core/media/timeline.ts';
import type { Pool, SegmentEvent, SegmentRun } from '../../src/core/pool/pool.ts';

export const request: GenerationRequest = {
  prompt: 'a red fox',
  seed: 1,
  width: 64,
  height: 48,
  fps: 24,
  numFrames: 12,
  numInferenceSteps: 4,
  guidanceScale: 1,
};

const never = new AbortController().signal;
export const signals = { cancel: never, abandon: never };
export const acquireOptions = { signal: never, onPosition: () => {} };

export async function collect(run: SegmentRun): Promise<SegmentEvent[]> {
  const events: SegmentEvent[] = [];
  for await (const event of run.events) events.push(event);
  return events;
}

export function doneOf(events: readonly SegmentEvent[]) {
  const last = events.at(-1);
  if (last?.type !== 'done') throw new Error(`the last event is ${last?.type}`);
  return last;
}

/** What every pool must do. `make` gives one with room for one session. */
export function describePool(name: string, make: () => Pool): void {
  describe(`${name}, as every pool`, () => {
    let pool: Pool;
    beforeAll(async () => {
      pool = make();
      await pool.start();
    });
    afterAll(() => pool.close());

    it('binds a session to one worker until it is released', async () => {
      const first = await pool.acquire('s1', acquireOptions);
      expect(await pool.acquire('s1', acquireOptions)).toEqual(first);
      const positions: number[] = [];
      const second = pool.acquire('s2', {
        signal: never,
        onPosition: ({ position }) => positions.push(position),
      });
      expect(pool.status()).toMatchObject({
        queueDepth: 1,
        workers: [{ ready: true, clientCount: 1, available: false }],
      });
      pool.release('s1');
      await second;
      pool.release('s2');
      expect(positions).toEqual([1]);
      expect(pool.status()).toMatchObject({ queueDepth: 0, workers: [{ clientCount: 0, available: true }] });
    });

    it('brings init, media, state and done, and goes on from them', async () => {
      await pool.acquire('s', acquireOptions);
      const events = await collect(
        await pool.run('s', { generation: request, timeline: timelineStart }, signals),
      );
      const types = events.filter(({ type }) => type !== 'step').map(({ type }) => type);
      expect(types[0]).toBe('init');
      expect(types.slice(-2)).toEqual(['state', 'done']);
      expect(doneOf(events)).toMatchObject({
        frames: 12,
        durationMs: 500,
        cancelled: false,
        timeline: { videoFrames: 12 },
      });
      const state = events.find((event) => event.type === 'state');
      const generation = { ...request, ...(state ? { continuationState: state.state } : {}) };
      const next = await pool.run('s', { generation, timeline: doneOf(events).timeline }, signals);
      expect(doneOf(await collect(next)).timeline.videoFrames).toBe(24);
      pool.release('s');
    });

    it('ends a cancelled run early, with the state of what was made', async () => {
      await pool.acquire('s', acquireOptions);
      const cancel = new AbortController();
      const long = { ...request, numFrames: 5000 };
      const run = await pool.run(
        's',
        { generation: long, timeline: timelineStart },
        { cancel: cancel.signal, abandon: never },
      );
      const events: SegmentEvent[] = [];
      for await (const event of run.events) {
        events.push(event);
        if (event.type === 'media') cancel.abort();
      }
      const done = doneOf(events);
      const sent = events.reduce((sum, event) => sum + (event.type === 'media' ? event.frames : 0), 0);
      expect(done).toMatchObject({ cancelled: true, frames: sent });
      expect(done.frames).toBeLessThan(5000);
      expect(events.find((event) => event.type === 'state')?.state.payload).toMatchObject({
        nextFrame: sent,
      });
      pool.release('s');
    });

    it('works on after a run that its consumer left', async () => {
      await pool.acquire('s', acquireOptions);
      const long = { ...request, numFrames: 5000 };
      const left = await pool.run('s', { generation: long, timeline: timelineStart }, signals);
      for await (const event of left.events) if (event.type === 'media') break;
      const abandon = new AbortController();
      const abandoned = await pool.run(
        's',
        { generation: long, timeline: timelineStart },
        { cancel: never, abandon: abandon.signal },
      );
      const consume = collect(abandoned);
      abandon.abort(new Error('the client has gone'));
      await expect(consume).rejects.toThrow('the client has gone');
      const events = await collect(
        await pool.run('s', { generation: request, timeline: timelineStart }, signals),
      );
      expect(doneOf(events).frames).toBe(12);
      pool.release('s');
    });

    it('tells a state of another kind by its code', async () => {
      await pool.acquire('s', acquireOptions);
      const generation = { ...request, continuationState: { kind: 'other', payload: {} } };
      const failing = pool.run('s', { generation, timeline: timelineStart }, signals).then(collect);
      await expect(failing).rejects.toMatchObject({ code: 'preset_mismatch' });
      pool.release('s');
    });

    it('refuses a run of a session that is bound to nothing', async () => {
      const unbound = pool.run('nobody', { generation: request, timeline: timelineStart }, signals);
      await expect(unbound).rejects.toThrow('not bound');
    });
  });
}
