import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { difference, filmOf, frameOf, probe } from './film.ts';
import { LibrarySession } from './library-session.ts';
import { type Command, endless, idle, quick, quickFrames, type Shared } from './servers.ts';

/** Steps of 0 to 255 that two encodings of the same picture may differ by. */
const sameMade = 1;
const reconnect = { firstDelayMs: 1, longestDelayMs: 50, attempts: 1000 };

/** What the client library makes of a real server. */
export function librarySessionTests(shared: Shared, command: Command): void {
  describe(`a session of the client library with \`fastvideo ${command}\``, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await shared(command, quick);
    });
    afterEach(async () => idle(server));

    it('makes a film of its prompts, and leaves the worker free', async () => {
      await using client = new LibrarySession(server.url);
      const segments = await Promise.all([
        client.make('a red fox'),
        client.make({ prompt: 'snow', seed: 7 }),
      ]);
      expect((await probe(filmOf(segments))).videoFrames).toBe(2 * quickFrames);
      expect(client.session.segments).toMatchObject([
        { segmentIdx: 0, state: 'done', frames: quickFrames, durationMs: 500 },
        { segmentIdx: 1, state: 'done', frames: quickFrames, durationMs: 500 },
      ]);
      await client.session.close();
      await idle(server);
    });

    it('goes on over a cut connection where its time line ended', async () => {
      await using client = new LibrarySession(server.url, { reconnect });
      const first = await client.make('a red fox');
      client.cut();
      const film = filmOf([first, await client.make('a red fox')]);
      expect(client.begun).toEqual(['new', 'resumed']);
      const { packets, videoFrames } = await probe(film);
      expect(videoFrames).toBe(2 * quickFrames);
      for (const kind of ['video', 'audio']) {
        const times = packets
          .filter(({ codec_type }) => codec_type === kind)
          .map(({ dts_time }) => Number(dts_time));
        expect(times).toEqual([...new Set(times)].sort((left, right) => left - right));
      }
    });

    it('goes on in another session at the segment limit, with the picture that would have come next', async () => {
      const capped = await shared(command, [...quick, '--streaming.generation_segment_cap', '1']);
      let due: Buffer;
      {
        await using whole = new LibrarySession(server.url);
        const segments = [await whole.make('a red fox'), await whole.make('a red fox')];
        due = await frameOf(filmOf(segments), quickFrames);
      }
      await using client = new LibrarySession(capped.url);
      await client.make('a red fox');
      const continued = filmOf([await client.make('a red fox')]);
      expect(client.begun).toEqual(['new', 'continued']);
      expect(difference(await frameOf(continued, 0), due)).toBeLessThan(sameMade);
    });

    it('lets a snapshot begin another session', async () => {
      let state: Awaited<ReturnType<LibrarySession['session']['snapshot']>>;
      {
        await using client = new LibrarySession(server.url);
        await client.make('a red fox');
        state = await client.session.snapshot();
      }
      await idle(server);
      await using later = new LibrarySession(server.url, { init: { continuation_state: state } });
      await later.make('a red fox');
      expect(await later.session.snapshot()).not.toEqual(state);
    });

    it('stops a segment that nobody wants any more, and makes the next one', async () => {
      const slow = await shared(command, endless);
      await using client = new LibrarySession(slow.url);
      const enough = new AbortController();
      const reading = (async () => {
        for await (const event of client.session.generate('a red fox', { signal: enough.signal })) {
          if (event.type === 'media') enough.abort(new Error('enough'));
        }
      })();
      await expect(reading).rejects.toThrow('enough');
      for await (const event of client.session.generate('snow')) if (event.type === 'media') break;
      expect(client.session.segments[0]).toMatchObject({ state: 'cancelled' });
      await client.session.close();
      await idle(slow);
    });
  });
}
