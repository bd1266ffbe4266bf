import { bundledFfmpeg, systemFfmpeg } from '../../src/core/media/ffmpeg/binary.ts';
import { createFfmpegEncoder } from '../../src/core/media/ffmpeg/ffmpeg-encoder.ts';
import { describeEncoder, describeEncoderInDepth } from './encoder-contract.ts';

const bundled = () => createFfmpegEncoder({ ffmpegPath: bundledFfmpeg() ?? 'no bundled ffmpeg' });
const system = () => createFfmpegEncoder({ ffmpegPath: systemFfmpeg() ?? 'no ffmpeg on PATH' });

describeEncoderInDepth('the ffmpeg encoder, with the bundled binary', bundled);
describeEncoder("the ffmpeg encoder, with the system's binary", system);
describeEncoderInDepth("the ffmpeg encoder, with the system's binary", system);
