import { expect, test } from 'vitest';
import { Recordings } from '../../playground/recordings.ts';
import type { Bytes } from '../../src/client/web-socket.ts';

const mime = 'video/mp4; codecs="avc1.42c01e"';

function bytes(text: string): Bytes {
  return new TextEncoder().encode(text);
}

async function texts(recordings: Recordings): Promise<string[]> {
  return await Promise.all(recordings.list.map((recording) => recording.file().text()));
}

function segment(recordings: Recordings, media: readonly string[], of: string = mime): void {
  recordings.init(bytes('I'), of);
  for (const chunk of media) recordings.media(bytes(chunk));
}

test('the file is the first initialization segment and all media, in order', async () => {
  const recordings = new Recordings();
  segment(recordings, ['a', 'b']);
  segment(recordings, ['c']);
  expect(await texts(recordings)).toEqual(['Iabc']);
  expect(recordings.list[0]?.bytes).toBe(4);
});

test('another session makes another file, and the earlier one stays', async () => {
  const recordings = new Recordings();
  segment(recordings, ['a']);
  recordings.sessionStarted();
  expect(await texts(recordings)).toEqual(['Ia']);
  segment(recordings, ['b']);
  expect(await texts(recordings)).toEqual(['Ia', 'Ib']);
});

test('media of another codec makes another file', async () => {
  const recordings = new Recordings();
  segment(recordings, ['a']);
  segment(recordings, ['b'], 'video/mp4; codecs="avc1.640028"');
  expect(await texts(recordings)).toEqual(['Ia', 'Ib']);
});

test('over the limit the oldest segments go, whole, and that is told', async () => {
  const recordings = new Recordings(6);
  segment(recordings, ['aa', 'aa']);
  segment(recordings, ['bb']);
  expect(await texts(recordings)).toEqual(['Ibb']);
  expect(recordings.list[0]?.droppedBytes).toBe(4);
});

test('over the limit an earlier session goes before the running one', async () => {
  const recordings = new Recordings(6);
  segment(recordings, ['aaaa']);
  recordings.sessionStarted();
  segment(recordings, ['bbb']);
  expect(await texts(recordings)).toEqual(['Ibbb']);
});

test('the segment that comes in is never dropped', async () => {
  const recordings = new Recordings(4);
  segment(recordings, ['aaaa', 'bbbb']);
  expect(await texts(recordings)).toEqual(['Iaaaabbbb']);
});
