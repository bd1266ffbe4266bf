import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aacFrame } from '../../src/core/media/sound-track.ts';
import { timelineStart } from '../../src/core/media/timeline.ts';
import type { Pool, SegmentEvent, SegmentRequest } from '../../src/core/pool/pool.ts';
import type { ContinuationState } from '../../src/core/protocol/continuation-state.ts';
import { expectSameFilm, filmOf, mediaOf, sentIn } from './film.ts';
import { acquireOptions, collect, doneOf, request, signals } from './pool-contract.ts';

const never = new AbortController().signal;
const generation = { ...request, numFrames: 30 };
/** Its first step is told long before the 4000 frames are made behind which these tests go on. */
const endless = { width: 640, height: 480, numFrames: 5000, numInferenceSteps: 1000 };

const typesOf = (events: readonly SegmentEvent[]) => new Set(events.map(({ type }) => type));

function stateOf(events: readonly SegmentEvent[]): ContinuationState {
  const state = events.findLast((event) => event.type === 'state');
  if (!state) throw new Error('there is no state');
  return state.state;
}

/** Two segments in a row, the second one made as a whole. */
interface Made {
  readonly first: readonly SegmentEvent[];
  readonly second: SegmentRequest;
  readonly whole: readonly SegmentEvent[];
  readonly pool: Pool;
  run(segment: SegmentRequest): Promise<SegmentEvent[]>;
}

function describeWithTwoSegments(name: string, make: () => Pool, tests: (made: () => Made) => void): void {
  describe(`${name}, with a part of a segment sent before`, () => {
    let pool: Pool;
    let made: Made;
    const run = async (segment: SegmentRequest) => collect(await pool.run('s', segment, signals));
    beforeAll(async () => {
      pool = make();
      await pool.start();
      await pool.acquire('s', acquireOptions);
      const first = await run({ generation, timeline: timelineStart });
      const second = {
        generation: { ...generation, prompt: 'a blue fox', continuationState: stateOf(first) },
        timeline: doneOf(first).timeline,
      };
      made = { first, second, whole: await run(second), pool, run };
    });
    afterAll(() => pool.close());
    tests(() => made);
  });
}

function itGoesOnAfter(made: () => Made, chunks: readonly number[]): void {
  it.each(chunks)('goes on after chunk %i as if nothing had happened', async (count) => {
    const { first, second, whole, run } = made();
    const before = mediaOf(whole).slice(0, count);
    const rest = await run({ ...second, sent: sentIn(before) });
    expect(mediaOf(rest)[0]?.timeline.videoFrames).toBe(30 + sentIn(before).frames + 1);
    expect(doneOf(rest)).toEqual(doneOf(whole));
    expect(stateOf(rest)).toEqual(stateOf(whole));
    await expectSameFilm(filmOf(first, before, rest), filmOf(first, whole), 2);
  });
}

/** What every pool must do with a segment of which a part was sent before. */
export function describeSent(name: string, make: () => Pool): void {
  describeWithTwoSegments(name, make, (made) => {
    itGoesOnAfter(made, [5]);

    it('sends nothing when all was sent, and ends where the whole segment ends', async () => {
      const { second, whole, run } = made();
      const rest = await run({ ...second, sent: sentIn(mediaOf(whole)) });
      expect(typesOf(rest)).toEqual(new Set(['step', 'state', 'done']));
      expect(doneOf(rest)).toEqual(doneOf(whole));
      expect(stateOf(rest)).toEqual(stateOf(whole));
    });

    it('keeps sound that was not sent with the last frame for the next segment', async () => {
      const { second, whole, run } = made();
      const { frames } = sentIn(mediaOf(whole));
      const start = second.timeline.audio?.nextSample;
      if (start === undefined) throw new Error('there is no sound');
      const nextSample = start + 10 * aacFrame;
      const rest = await run({ ...second, sent: { frames, nextSample } });
      const { timeline } = doneOf(rest);
      expect(timeline).toMatchObject({ videoFrames: 60, audio: { nextSample } });
      const third = { ...second, generation: { ...second.generation, continuationState: stateOf(whole) } };
      const last = await run({ ...third, timeline });
      const unbroken = await run({ ...third, timeline: doneOf(whole).timeline });
      expect(doneOf(last)).toEqual(doneOf(unbroken));
    });

    it('leaves out the files of frames that were sent, with legacy_jpeg', async () => {
      const { second, run } = made();
      const filesOf = (events: readonly SegmentEvent[]) =>
        events.flatMap((event) =>
          event.type === 'jpeg' ? event.files.map((file) => Buffer.from(file)) : [],
        );
      const jpegs: SegmentRequest = { ...second, timeline: { videoFrames: 30 }, streamMode: 'legacy_jpeg' };
      const all = await run(jpegs);
      const rest = await run({ ...jpegs, sent: { frames: 12 } });
      expect(filesOf(rest)).toEqual(filesOf(all).slice(12));
      expect(rest.find((event) => event.type === 'jpeg')?.timeline.videoFrames).toBeGreaterThan(42);
      expect(doneOf(rest)).toEqual(doneOf(all));
      const none = await run({ ...jpegs, sent: { frames: 30 } });
      expect(typesOf(none)).toEqual(new Set(['step', 'state', 'done']));
      expect(doneOf(none)).toEqual(doneOf(all));
    });

    it('ends where the client is when it is cancelled before the first frame that was not sent', async () => {
      const { second, pool } = made();
      const long = { ...second.generation, ...endless };
      const cancel = new AbortController();
      const sent = { frames: 4000, nextSample: 1024 * 100 };
      const cancelled = await pool.run(
        's',
        { ...second, generation: long, sent },
        { cancel: cancel.signal, abandon: never },
      );
      const events: SegmentEvent[] = [];
      for await (const event of cancelled.events) {
        events.push(event);
        if (event.type === 'step') cancel.abort();
      }
      expect(typesOf(events)).toEqual(new Set(['step', 'state', 'done']));
      expect(doneOf(events)).toMatchObject({
        frames: 4000,
        cancelled: true,
        timeline: { videoFrames: 4030, audio: { nextSample: 1024 * 100 } },
      });
    });

    it('ends with the reason of a client that goes before the first frame that was not sent', async () => {
      const { second, pool, run } = made();
      const long = { ...second.generation, ...endless };
      const abandon = new AbortController();
      const left = await pool.run(
        's',
        { ...second, generation: long, sent: { frames: 4000 } },
        { cancel: never, abandon: abandon.signal },
      );
      const leaving = (async () => {
        for await (const event of left.events) {
          if (event.type === 'step') abandon.abort(new Error('the client has gone'));
        }
      })();
      await expect(leaving).rejects.toThrow('the client has gone');
      expect(doneOf(await run(second)).frames).toBe(30);
    });
  });
}

/** The same at more places of a session, for those who have the time. */
export function describeSentAnywhere(name: string, make: () => Pool): void {
  describeWithTwoSegments(name, make, (made) => {
    itGoesOnAfter(made, [1, 2, 9]);

    it('goes on in the first segment of a session, before any sound was sent', async () => {
      const { first, run } = made();
      const sent = sentIn(mediaOf(first).slice(0, 1));
      expect(sent).toEqual({ frames: 1 });
      const rest = await run({ generation, timeline: timelineStart, sent });
      expect(doneOf(rest)).toEqual(doneOf(first));
      const film = filmOf(
        first.filter(({ type }) => type === 'init'),
        mediaOf(first).slice(0, 1),
        rest,
      );
      await expectSameFilm(film, filmOf(first), 2);
    });

    it('goes on a second time from a part that was itself a rest', async () => {
      const { first, second, whole, run } = made();
      const before = mediaOf(whole).slice(0, 3);
      const rest = await run({ ...second, sent: sentIn(before) });
      const more = [...before, ...mediaOf(rest).slice(0, 3)];
      const last = await run({ ...second, sent: sentIn(more) });
      expect(doneOf(last)).toEqual(doneOf(whole));
      await expectSameFilm(filmOf(first, more, last), filmOf(first, whole), 2);
    });

    it('goes on after the cut of a segment that went before', async () => {
      const { first, second, run } = made();
      const cut = mediaOf(first)[3]?.timeline;
      if (!cut) throw new Error('there are too few chunks');
      const afterCut = { ...second, timeline: cut };
      const wholeAfterCut = await run(afterCut);
      const before = mediaOf(wholeAfterCut).slice(0, 2);
      const rest = await run({ ...afterCut, sent: sentIn(before) });
      expect(doneOf(rest)).toEqual(doneOf(wholeAfterCut));
      const head = [...first.filter(({ type }) => type === 'init'), ...mediaOf(first).slice(0, 4)];
      await expectSameFilm(filmOf(head, before, rest), filmOf(head, wholeAfterCut), 2);
    });
  });
}
