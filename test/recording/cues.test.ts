import { describe, expect, it } from 'vitest';
import { Cues, leaveCue } from '../../src/core/server/recording/cues.ts';

const never = new AbortController().signal;

describe('Cues of a replay', () => {
  it('end where a client waits for a segment that was not recorded, in place of leaving', async () => {
    const cues = new Cues(
      new Map([
        ['segment_prompt_source', 1],
        [leaveCue, 1],
      ]),
    );
    cues.give('segment_prompt_source');
    cues.give('segment_prompt_source');
    expect(await cues.take('segment_prompt_source', never)).toBe('taken');
    expect(await cues.take(leaveCue, never)).toBe('ended');
  });

  it('go on where only a setting was not recorded', async () => {
    const cues = new Cues(new Map([[leaveCue, 1]]));
    cues.give('loop_generation_updated');
    const left = cues.take(leaveCue, never);
    cues.give(leaveCue);
    expect(await left).toBe('taken');
  });
});
