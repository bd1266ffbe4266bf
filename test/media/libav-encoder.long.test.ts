import { createLibavEncoder } from '../../src/core/media/libav/libav-encoder.ts';
import { loadLibav } from '../../src/core/media/libav/load-libav.ts';
import { describeEncoderInDepth } from './encoder-contract.ts';

const av = await loadLibav();
if (typeof av === 'string') throw new Error(av);

describeEncoderInDepth('the libav encoder', () => createLibavEncoder(av));
