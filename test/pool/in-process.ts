import { createGenerator } from '../../src/core/generators/create-generator.ts';
import { createFfmpegEncoder } from '../../src/core/media/ffmpeg/ffmpeg-encoder.ts';
import { createJpegEncoder } from '../../src/core/media/ffmpeg/jpeg-encoder.ts';
import { InProcessPool } from '../../src/core/pool/in-process-pool.ts';
import { hangLimitMs } from '../support/hang-limit.ts';

export function inProcessPool(backend: 'mock' | 'onnx'): InProcessPool {
  return new InProcessPool({
    createGenerator: () => createGenerator({ backend }),
    encoders: { fragments: createFfmpegEncoder(), jpegs: createJpegEncoder() },
    encoderSettings: {},
    capacity: 1,
    acquireTimeoutMs: hangLimitMs,
    segmentTimeoutMs: hangLimitMs,
  });
}
