import { expect, test } from 'vitest';
import { type Deferred, deferred } from '../../../src/core/base/async/deferred.ts';
import { FilmWriter } from '../../../src/core/client/film/film-writer.ts';
import { eventually } from '../../support/wait-for.ts';

const mebibyte = 1024 * 1024;
const never = new AbortController().signal;

/** A film whose media takes until it is let go, and what happened to it and to its writer. */
function slowFilm() {
  const seen: string[] = [];
  const gates: Deferred<void>[] = [];
  const film = {
    bytes: 0,
    init: () => void seen.push('init'),
    beginTimeline: () => void seen.push('time line'),
    media: async ({ length }: Uint8Array) => {
      const gate = deferred();
      gates.push(gate);
      await gate.promise;
      film.bytes += length;
      seen.push(`media ${length / mebibyte}`);
    },
  };
  const writer = new FilmWriter(film, {
    full: () => void seen.push('full'),
    drained: () => void seen.push('drained'),
    written: () => undefined,
    failed: (error) => void seen.push(String(error)),
  });
  const media = (size: number) => writer.media(new Uint8Array(size * mebibyte));
  /** Lets the media go that is being written, once it is. */
  const write = async () => {
    await eventually(() => expect(gates.length).toBeGreaterThan(0));
    gates.shift()?.resolve();
  };
  return { writer, seen, gates, media, write };
}

test('all is written in the order in which it came, while more comes', async () => {
  const { writer, seen, media, write } = slowFilm();
  writer.beginTimeline();
  writer.init(new Uint8Array());
  media(1);
  writer.after(() => void seen.push('state'));
  media(2);
  await write();
  await write();
  await writer.end(never);
  expect(seen).toEqual(['time line', 'init', 'media 1', 'state', 'media 2']);
});

test('a slow reader is told to the source once 16 MiB wait, and again when half of that is written', async () => {
  const { writer, seen, media, write } = slowFilm();
  media(9);
  media(7);
  expect([seen, writer.isFull]).toEqual([[], false]);
  media(1);
  media(1);
  expect([seen, writer.isFull]).toEqual([['full'], true]);
  for (let count = 0; count < 4; count += 1) await write();
  await writer.end(never);
  expect(seen).toEqual(['full', 'media 9', 'media 7', 'drained', 'media 1', 'media 1']);
});

test('after a failure nothing more is written, and who waits for the end is told', async () => {
  const { writer, seen, gates, media } = slowFilm();
  media(1);
  writer.init(new Uint8Array());
  await eventually(() => expect(gates.length).toBe(1));
  gates[0]?.reject(new Error('EPIPE'));
  await expect(writer.end(never)).rejects.toThrow('EPIPE');
  expect(new Set(seen)).toEqual(new Set(['Error: EPIPE']));
});

test('an end that is not waited for any longer throws the reason', async () => {
  const { writer, media } = slowFilm();
  media(1);
  await expect(writer.end(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});
