import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { mediaEnd } from '../../src/core/media/mp4/media-end.ts';
import type { SentMedia } from '../../src/core/media/timeline.ts';
import type { SegmentEvent } from '../../src/core/pool/pool.ts';
import { type WatchedFilm, watch } from '../media/material.ts';
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

const watched = new Map<string, Promise<WatchedFilm>>();

/** Decodes each film once: many are held against the same one. */
function watchOnce(film: Uint8Array, channels: 1 | 2): Promise<WatchedFilm> {
  const key = `${channels} ${createHash('sha256').update(film).digest('hex')}`;
  const known = watched.get(key) ?? watch(film, { frameBytes: request.width * request.height * 3, channels });
  watched.set(key, known);
  return known;
}

/** Expects two films to be the same to who watches them: every frame, every packet's time, the sound. */
export async function expectSameFilm(film: Uint8Array, whole: Uint8Array, channels: 1 | 2): Promise<void> {
  const [seen, expected] = await Promise.all([watchOnce(film, channels), watchOnce(whole, channels)]);
  expect(seen.warnings).toBe('');
  const dts = (packets: typeof seen.video) => packets.map((packet) => packet.dts);
  expect(dts(seen.video)).toEqual(dts(expected.video));
  expect(dts(seen.audio)).toEqual(dts(expected.audio));
  expect(seen.pictures).toHaveLength(expected.pictures.length);
  expect(seen.pictures).toHaveLength(seen.video.length);
  for (const [index, picture] of seen.pictures.entries()) {
    const difference = meanDifference(picture, expected.pictures[index]);
    expect(difference).toBeLessThan(8);
    for (const other of [index - 1, index + 1]) {
      expect(difference).toBeLessThanOrEqual(meanDifference(picture, expected.pictures[other]));
    }
  }
  expect(seen.sound).toHaveLength(channels);
  for (const [channel, samples] of seen.sound.entries()) {
    const wholeSound = expected.sound[channel] ?? new Float32Array(0);
    expect(samples.length).toBe(wholeSound.length);
    expect(largestDifference(samples, new Float32Array(0))).toBeGreaterThan(0.01);
    expect(largestDifference(samples, wholeSound)).toBeLessThan(0.02);
  }
}
