import { describe, expect, it } from 'vitest';
import { probe } from '../contract/film.ts';
import { soak } from './soak.ts';

/** The same seed takes the same replicas away in the same order; `FASTVIDEO_SOAK_SEED=7 npx vitest run soak`. */
const seed = Number(process.env.FASTVIDEO_SOAK_SEED ?? Date.now() % 1_000_000);

describe(`sessions behind a router whose replicas are killed, drained and frozen (seed ${seed})`, () => {
  it('see no close, get every segment once, and their films play', async () => {
    const report = await soak({ seed, sessions: 8, replicas: 3, actions: 6, maxPauseMs: 500 });
    expect(report.moved).toBeGreaterThan(0);
    expect(report.samePictures).toBeGreaterThan(0);
    for (const { bytes, frames } of report.films) {
      expect((await probe(bytes)).videoFrames).toBe(frames);
    }
    console.log(JSON.stringify({ ...report, films: report.films.length }));
  });
});
