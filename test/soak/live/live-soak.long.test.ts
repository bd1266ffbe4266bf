import { describe, expect, it } from 'vitest';
import { chromium } from '../../support/chromium.ts';
import { needs } from '../../support/needs.ts';
import { liveSoak } from './live-soak.ts';

const segments = 60;
/** Of one process, behind the first samples: enough for any heap that grows to its working size. */
const roomMiB = 64;

describe('an endless live stream', needs(chromium), () => {
  it.each(['serve', 'mock'] as const)('of %s keeps order and stays as large as it is', async (command) => {
    const samples = await liveSoak({
      command,
      width: 160,
      height: 96,
      fps: 24,
      frames: 8,
      secondsPerSample: 3,
      secondsPerPrompt: 2,
      isDone: (all) => (all.at(-1)?.segments ?? 0) >= segments,
    });
    const first = samples[1];
    const last = samples.at(-1);
    if (!first || !last) throw new Error('There are too few samples.');
    expect(last).toMatchObject({ wentBack: 0, disorder: 0, gaps: 0, errors: 0 });
    expect(last.steered).toBeGreaterThan(0);
    for (const { bufferedRanges, waiting } of samples) {
      expect(bufferedRanges).toBe(1);
      expect(waiting).toBeLessThanOrEqual(2);
    }
    for (const process of ['serverMiB', 'workersMiB', 'rendererMiB'] as const) {
      expect(last[process] - first[process], process).toBeLessThan(roomMiB);
    }
    expect(last.heapMiB - first.heapMiB).toBeLessThan(4);
    expect(last.nodes - first.nodes).toBeLessThan(50);
  });
});
