import { systemFfmpeg } from '../../src/core/media/ffmpeg/binary.ts';
import { BenchError } from '../support/bench-error.ts';

/** Arguments of an ffmpeg that does what a segment needs and no more: RGB24 on stdin, fragmented MP4 on stdout. */
export function bareArguments(width: number, height: number, framesPerSecond: number): string[] {
  return [
    ...['-hide_banner', '-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgb24'],
    ...['-s', `${width}x${height}`, '-r', `${framesPerSecond}`, '-i', '-'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
    ...['-g', `${framesPerSecond}`, '-movflags', 'empty_moov+default_base_moof+frag_keyframe'],
    ...['-f', 'mp4', '-'],
  ];
}

/** FastVideo's server needs it as well. Throws `BenchError` where there is none. */
export function installedFfmpeg(): string {
  const path = systemFfmpeg();
  if (path !== undefined) return path;
  throw new BenchError(
    "There is no ffmpeg on the PATH, which FastVideo's server runs (Debian: apt-get install ffmpeg).",
  );
}
