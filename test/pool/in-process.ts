import { createGenerator } from '../../src/core/generators/create-generator.ts';
import type { Generator } from '../../src/core/generators/generator.ts';
import { createFfmpegEncoder } from '../../src/core/media/ffmpeg/ffmpeg-encoder.ts';
import { createJpegEncoder } from '../../src/core/media/ffmpeg/jpeg-encoder.ts';
import { InProcessPool } from '../../src/core/pool/in-process-pool.ts';
import { hangLimitMs } from '../support/hang-limit.ts';

export function inProcessPool(of: 'mock' | 'onnx' | (() => Promise<Generator>)): InProcessPool {
  return new InProcessPool({
    createGenerator: typeof of === 'function' ? of : () => createGenerator({ backend: of }),
    encoders: { fragments: createFfmpegEncoder(), jpegs: createJpegEncoder(), description: 'ffmpeg' },
    encoderSettings: {},
    capacity: 1,
    acquireTimeoutMs: hangLimitMs,
    segmentTimeoutMs: hangLimitMs,
  });
}
