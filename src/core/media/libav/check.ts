import { FastVideoError } from '../../base/errors.ts';
import type { Libav } from './load-libav.ts';

/** Gives a call's result. Throws `encoder_failed` with libav's words where it is negative. */
export function checked({ lib }: Libav, result: number, what: string): number {
  if (result >= 0) return result;
  const reason = new lib.FFmpegError(result).message;
  throw new FastVideoError('encoder_failed', `libav could not ${what}: ${reason}.`);
}
