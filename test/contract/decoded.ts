import { spawn } from 'node:child_process';
import { buffer, text } from 'node:stream/consumers';

const ffmpeg = '/usr/bin/ffmpeg';

/** One decoded frame of a film: its track, its time, and a digest of its pixels or samples. */
export interface DecodedFrame {
  readonly track: number;
  readonly pts: number;
  readonly md5: string;
}

/**
 * Every frame, decoded, one track after the other: how tracks are interleaved depends on which encoder was faster.
 * Throws when the decoder complains.
 */
export async function decodedFrames(film: Buffer): Promise<DecodedFrame[]> {
  const child = spawn(ffmpeg, ['-v', 'warning', '-i', 'pipe:0', '-map', '0', '-f', 'framemd5', '-']);
  // A decoder that gives up early closes its input; what it says then is read below.
  child.stdin.on('error', () => undefined);
  child.stdin.end(film);
  const [stdout, stderr] = await Promise.all([buffer(child.stdout), text(child.stderr)]);
  if (stderr !== '') throw new Error(`ffmpeg: ${stderr}`);
  const frames = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [track, _dts, pts, _duration, _size, md5 = ''] = line.split(',').map((field) => field.trim());
      return { track: Number(track), pts: Number(pts), md5 };
    });
  return frames.sort((one, other) => one.track - other.track || one.pts - other.pts);
}
