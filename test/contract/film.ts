import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Segment } from './segment.ts';

const run = promisify(execFile);
const ffprobe = '/usr/bin/ffprobe';
const ffmpeg = '/usr/bin/ffmpeg';

interface Packet {
  readonly codec_type: string;
  readonly pts_time: string;
  readonly dts_time: string;
}

/** The film that a player sees: the first initialization segment and all media segments. */
export function filmOf(segments: readonly Pick<Segment, 'init' | 'media'>[]): Buffer {
  const [first] = segments;
  if (first === undefined) throw new Error('A film needs a segment.');
  return Buffer.concat([first.init, ...segments.flatMap(({ media }) => media)]);
}

/** What ffprobe makes of the film. Throws when it complains. */
export async function probe(film: Buffer): Promise<{
  readonly packets: readonly Packet[];
  readonly videoFrames: number;
  readonly streams: readonly string[];
}> {
  return await withFile(film, async (path) => {
    const shown = ['-show_entries', 'packet=codec_type,pts_time,dts_time:stream=codec_type,nb_read_frames'];
    const { stdout, stderr } = await run(
      ffprobe,
      ['-v', 'warning', '-count_frames', ...shown, '-of', 'json', path],
      { maxBuffer: 2 ** 26 },
    );
    if (stderr !== '') throw new Error(`ffprobe: ${stderr}`);
    const { packets, streams } = JSON.parse(stdout) as {
      packets: Packet[];
      streams: { codec_type: string; nb_read_frames: string }[];
    };
    return {
      packets,
      videoFrames: Number(streams.find(({ codec_type }) => codec_type === 'video')?.nb_read_frames),
      streams: streams.map(({ codec_type }) => codec_type),
    };
  });
}

/** One decoded frame of the film as RGB24. */
export async function frameOf(film: Buffer, index: number): Promise<Buffer> {
  return await withFile(film, async (path) => {
    const select = ['-vf', `select=eq(n\\,${index})`, '-frames:v', '1', '-vsync', 'passthrough'];
    const { stdout } = await run(
      ffmpeg,
      ['-v', 'error', '-i', path, ...select, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
      { maxBuffer: 2 ** 26, encoding: 'buffer' },
    );
    return stdout;
  });
}

/** Mean absolute difference of two pictures, in steps of 0 to 255. */
export function difference(left: Buffer, right: Buffer): number {
  if (left.length !== right.length || left.length === 0) throw new Error('The pictures differ in size.');
  let sum = 0;
  for (const [index, value] of left.entries()) sum += Math.abs(value - (right[index] ?? 0));
  return sum / left.length;
}

async function withFile<Result>(film: Buffer, use: (path: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-film-'));
  try {
    const path = join(directory, 'film.mp4');
    await writeFile(path, film);
    return await use(path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
