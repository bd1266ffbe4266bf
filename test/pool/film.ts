import { expect } from 'vitest';
import { mediaEnd } from '../../src/core/media/mp4/media-end.ts';
import type { SentMedia } from '../../src/core/media/timeline.ts';
import type { SegmentEvent } from '../../src/core/pool/pool.ts';
import { decodePictures, decodeSound, decodeWarnings, probe } from '../media/material.ts';
import { request } from './pool-contract.ts';

export type Media = Extract<SegmentEvent, { type: 'media' }>;

export function mediaOf(events: readonly SegmentEvent[]): Media[] {
  return events.filter((event) => event.type === 'media');
}

/** What a client has of a segment after these chunks, read from their bytes. */
export function sentIn(chunks: readonly Media[]): SentMedia {
  let frames = 0;
  let nextSample: number | undefined;
  for (const { data } of chunks) {
    const end = mediaEnd(data);
    if (!end) throw new Error('a chunk is no media');
    frames += end.frames;
    nextSample = end.audioEnd ?? nextSample;
  }
  return nextSample === undefined ? { frames } : { frames, nextSample };
}

/** The first init segment and the media of all runs. */
export function filmOf(...runs: readonly (readonly SegmentEvent[])[]): Uint8Array {
  const init = runs.flat().find((event) => event.type === 'init');
  if (!init) throw new Error('there is no init segment');
  return Buffer.concat([init.data, ...runs.flatMap(mediaOf).map(({ data }) => data)]);
}

function meanDifference(a: Uint8Array | undefined, b: Uint8Array | undefined): number {
  if (!a || !b) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (const [at, value] of a.entries()) sum += Math.abs(value - (b[at] ?? 0));
  return sum / a.length;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  for (const [at, value] of a.entries()) largest = Math.max(largest, Math.abs(value - (b[at] ?? 0)));
  return largest;
}

/** Expects two films to be the same to who watches them: every frame, every packet's time, the sound. */
export async function expectSameFilm(film: Uint8Array, whole: Uint8Array, channels: 1 | 2): Promise<void> {
  expect(await decodeWarnings(film)).toBe('');
  const [times, wholeTimes] = await Promise.all([probe(film), probe(whole)]);
  const dts = (packets: typeof times.video) => packets.map((packet) => packet.dts);
  expect(dts(times.video)).toEqual(dts(wholeTimes.video));
  expect(dts(times.audio)).toEqual(dts(wholeTimes.audio));
  const frameBytes = request.width * request.height * 3;
  const pictures = await decodePictures(film, frameBytes);
  const wholePictures = await decodePictures(whole, frameBytes);
  expect(pictures).toHaveLength(wholePictures.length);
  for (const [index, picture] of pictures.entries()) {
    const difference = meanDifference(picture, wholePictures[index]);
    expect(difference).toBeLessThan(8);
    for (const other of [index - 1, index + 1]) {
      expect(difference).toBeLessThanOrEqual(meanDifference(picture, wholePictures[other]));
    }
  }
  const sound = await decodeSound(film, channels);
  const wholeSound = await decodeSound(whole, channels);
  for (const [channel, samples] of sound.entries()) {
    const expected = wholeSound[channel] ?? new Float32Array(0);
    expect(samples.length).toBe(expected.length);
    expect(largestDifference(samples, new Float32Array(0))).toBeGreaterThan(0.01);
    expect(largestDifference(samples, expected)).toBeLessThan(0.02);
  }
}
