import { createFfmpegEncoder } from '../../src/core/media/ffmpeg/ffmpeg-encoder.ts';
import { createLibavEncoder } from '../../src/core/media/libav/libav-encoder.ts';
import { loadLibav } from '../../src/core/media/libav/load-libav.ts';
import { describeEncoderOptions } from './encoder-options.ts';

const av = await loadLibav();
if (typeof av === 'string') throw new Error(av);

describeEncoderOptions('the libav encoder', () => createLibavEncoder(av));
describeEncoderOptions('the ffmpeg encoder', () => createFfmpegEncoder());
