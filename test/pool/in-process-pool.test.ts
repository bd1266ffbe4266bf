import { createGenerator } from '../../src/core/generators/create-generator.ts';
import { createFfmpegEncoder } from '../../src/core/media/ffmpeg/ffmpeg-encoder.ts';
import { createJpegEncoder } from '../../src/core/media/ffmpeg/jpeg-encoder.ts';
import { InProcessPool } from '../../src/core/pool/in-process-pool.ts';
import { describePool } from './pool-contract.ts';
import { describeSent } from './sent-contract.ts';

function poolOf(backend: 'mock' | 'onnx'): InProcessPool {
  return new InProcessPool({
    createGenerator: () => createGenerator({ backend }),
    encoders: { fragments: createFfmpegEncoder(), jpegs: createJpegEncoder() },
    encoderSettings: {},
    capacity: 1,
    acquireTimeoutMs: 10_000,
    segmentTimeoutMs: 60_000,
  });
}

describePool('the in-process pool', () => poolOf('mock'));
describeSent('the in-process pool of the test pattern', () => poolOf('mock'));
describeSent('the in-process pool of the embedded network', () => poolOf('onnx'));
