import { createGenerator } from '../../src/core/generators/create-generator.ts';
import { createFfmpegEncoder } from '../../src/core/media/ffmpeg/ffmpeg-encoder.ts';
import { InProcessPool } from '../../src/core/pool/in-process-pool.ts';
import { describePool } from './pool-contract.ts';

describePool(
  'the in-process pool',
  () =>
    new InProcessPool({
      createGenerator: () => createGenerator({ modelPath: 'mock:gradient' }),
      encoder: createFfmpegEncoder(),
      encoderSettings: {},
      capacity: 1,
      acquireTimeoutMs: 10_000,
      segmentTimeoutMs: 60_000,
    }),
);
