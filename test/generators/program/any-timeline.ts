import fc from 'fast-check';
import type { Timeline } from '../../../src/core/media/timeline.ts';

const tail = fc.float32Array({ maxLength: 50 });

/** Where a session's media may end, with sound and without. */
export const anyTimeline: fc.Arbitrary<Timeline> = fc.oneof(
  fc.record({ videoFrames: fc.nat() }),
  fc.record({
    videoFrames: fc.nat(),
    audio: fc.record({ nextSample: fc.nat(), tailStart: fc.integer(), tail }),
  }),
);
