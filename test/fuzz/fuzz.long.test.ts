import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { targets } from './targets/index.ts';

/** Another seed feeds other inputs: `FASTVIDEO_FUZZ_SEED=7 npx vitest run fuzz`. */
const seed = Number(process.env['FASTVIDEO_FUZZ_SEED'] ?? 1);
const forMs = 120_000;

describe(`what a stranger may send (seed ${seed})`, () => {
  // No round begins after two minutes; on a slow machine the one that has begun may take many.
  it('ends, freezes and breaks nothing, and leaves nothing behind', { timeout: 60 * 60_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fastvideo-fuzz-'));
    const { finding, fed } = await fuzz({ seed, targets, forMs, folder });
    const replay = finding && `${finding.message}\n${JSON.stringify(finding.saved).slice(0, 20_000)}`;
    expect(replay).toBeUndefined();
    // Each had its turn.
    for (const { name, batch } of targets) expect(fed[name], name).toBeGreaterThanOrEqual(batch);
    await rm(folder, { recursive: true });
  });
});
