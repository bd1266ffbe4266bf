import { createLibavEncoder } from '../../src/core/media/libav/libav-encoder.ts';
import { loadLibav } from '../../src/core/media/libav/load-libav.ts';
import { describeEncoder } from './encoder-contract.ts';

const av = await loadLibav();
if (typeof av === 'string') throw new Error(av);

describeEncoder('the libav encoder', () => createLibavEncoder(av));
