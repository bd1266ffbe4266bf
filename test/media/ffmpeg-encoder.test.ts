import { createFfmpegEncoder } from '../../src/core/media/ffmpeg/ffmpeg-encoder.ts';
import { describeEncoder } from './encoder-contract.ts';

describeEncoder('the ffmpeg encoder, with the binary it chooses', () => createFfmpegEncoder());
describeEncoder("the ffmpeg encoder, with the system's ffmpeg", () =>
  createFfmpegEncoder({ ffmpegPath: '/usr/bin/ffmpeg' }),
);
