import { stat } from 'node:fs/promises';
import { FastVideoError, systemErrorCode } from '../../core/base/errors.ts';
import { systemReason } from '../../core/base/system-reason.ts';
import { decodeSound, type SoundDecoderOptions } from '../../core/media/ffmpeg/sound-decoder.ts';
import type { SoundSource } from '../../core/media/sound-source.ts';
import { WavFile } from '../../core/media/wav-file.ts';

/**
 * The sound of a file, in any format that ffmpeg reads. Throws `usage` for a file that is not there, cannot be read or
 * contains no sound.
 */
export async function openSoundFile(path: string, options: SoundDecoderOptions): Promise<SoundSource> {
  if (path === '-' || path === '/dev/stdin') {
    throw new FastVideoError('usage', `--audio "${path}" is stdin, which carries the frames; name a file.`);
  }
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new FastVideoError('usage', `--audio "${path}" is a folder; name a file.`);
    // Plain files need no decoder. Whether a pipe holds one is not known before it is read.
    const wav = found.isFile() && !options.raw ? await WavFile.open(path) : undefined;
    return wav ?? (await decodeSound(throughThisProcess(path), options));
  } catch (error) {
    throw wrongFile(path, error);
  }
}

function wrongFile(path: string, error: unknown): unknown {
  if (error instanceof FastVideoError) {
    if (error.code !== 'input_invalid') return error;
    return new FastVideoError('usage', `--audio ${error.message}`, { cause: error });
  }
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  const reason = code === 'ENOENT' ? 'there is no such file' : systemReason(error);
  return new FastVideoError('usage', `--audio ${path}: ${reason}.`, { cause: error });
}

/** A descriptor of ours (`<(...)` of a shell) is not one of a child's. */
function throughThisProcess(path: string): string {
  return path.replace(/^\/(dev|proc\/self)\/fd\/(\d+)$/, `/proc/${process.pid}/fd/$2`);
}
