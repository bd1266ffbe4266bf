import { systemFfmpeg } from '../../src/core/media/ffmpeg/binary.ts';
import { describeJpegEncoder } from './jpeg-contract.ts';

describeJpegEncoder("the JPEG encoder, with the system's binary", systemFfmpeg() ?? 'no ffmpeg on PATH');
