import fc from 'fast-check';
import { errorMessage, FastVideoError } from '../../../src/core/base/errors.ts';
import { Film } from '../../../src/core/client/film/film.ts';
import { readTrack } from '../../../src/core/media/ffmpeg/read-track.ts';
import { BoxSplitter } from '../../../src/core/media/mp4/box-splitter.ts';
import { mimeType } from '../../../src/core/media/mp4/codec-string.ts';
import {
  readMfhd,
  readTfdt,
  readTfhd,
  readTruns,
  writeMfhd,
  writeTfdt,
  writeTfhd,
} from '../../../src/core/media/mp4/fragment.ts';
import { addAudioTrack } from '../../../src/core/media/mp4/init-segment.ts';
import { mediaEnd } from '../../../src/core/media/mp4/media-end.ts';
import { mutatedBoxes } from '../arbitraries/boxes.ts';
import { mutatedBytes } from '../arbitraries/bytes.ts';
import { pureTarget } from '../pure.ts';
import { Finding } from '../target.ts';
import { type SampleSegment, sampleSegment } from './sample-segment.ts';

/** Base64. */
interface Input {
  readonly init: string;
  readonly media: readonly string[];
}

/** Headers stand first in a fragment. */
const headBytes = 400;

export const mp4 = pureTarget<Input>({
  name: 'mp4',
  about: 'bytes of fragmented MP4, at all that reads them',
  inputs: async () => inputsFrom(await sampleSegment()),
  read: async ({ init, media }) => {
    const bytes = Buffer.from(init, 'base64');
    const fragments = media.map((fragment) => Buffer.from(fragment, 'base64'));
    for (const read of readersOf(bytes, fragments)) await onlyOurErrors(read);
  },
});

function inputsFrom({ init, media }: SampleSegment): fc.Arbitrary<Input> {
  const base64 = (bytes: fc.Arbitrary<Uint8Array>) =>
    bytes.map((data) => Buffer.from(data).toString('base64'));
  const valid = fc.constantFrom(...media);
  const fragment = fc.oneof(mutatedBytes(valid, headBytes), mutatedBoxes(valid));
  const whole = fc.constant(init);
  return fc.record({
    init: base64(fc.oneof(mutatedBytes(whole), mutatedBoxes(whole), whole)),
    media: fc.array(base64(fragment), { minLength: 1, maxLength: 3 }),
  });
}

function* readersOf(init: Buffer, media: readonly Buffer[]): Generator<() => unknown> {
  yield () => mimeType(init);
  yield () => addAudioTrack(Buffer.from(init), Buffer.from(init));
  for (const fragment of media) {
    yield () => mediaEnd(fragment);
    for (const read of [readMfhd, readTfdt, readTfhd, readTruns]) yield () => read(fragment);
    for (const write of [writeMfhd, writeTfdt, writeTfhd]) yield () => write(Buffer.from(fragment), 1);
  }
  const all = Buffer.concat([init, ...media]);
  yield async () => {
    const splitter = new BoxSplitter();
    for (let at = 0; at < all.length; at += 1000) splitter.push(all.subarray(at, at + 1000));
  };
  yield async () => {
    for await (const event of readTrack(inPieces(all))) void event;
  };
  yield async () => {
    const film = new Film(async () => undefined);
    film.init(Buffer.from(init));
    for (const fragment of media) await film.media(Buffer.from(fragment));
  };
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700);
}

/** Each reader is to be tried, whatever the one before thinks of the bytes. */
async function onlyOurErrors(read: () => unknown): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (error instanceof FastVideoError && error.entry.whose !== 'bug') return;
    throw new Finding(`It threw ${error instanceof Error ? error.stack : errorMessage(error)}`);
  }
}
