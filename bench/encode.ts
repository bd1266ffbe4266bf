import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planEncode } from '../src/core/media/encode-plan.ts';
import { videoArguments } from '../src/core/media/ffmpeg/arguments.ts';
import { bundledFfmpeg, systemFfmpeg } from '../src/core/media/ffmpeg/binary.ts';
import { repositoryRoot } from '../test/support/server-process.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { timedRun } from './support/timed-run.ts';

const [width, height, fps] = [1280, 720, 24];
/** The longer one shows the rate without the start of Node. */
const lengths = [
  { frames: 121, runs: 7 },
  { frames: 484, runs: 3 },
];

/** `fastvideo encode` against bare ffmpeg: the same binary, the same settings, the same raw file, alternating. */
export async function benchEncode(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-bench-'));
  try {
    const rows = [];
    for (const { frames, runs } of lengths) {
      const raw = join(directory, 'frames.rgb');
      await makeFrames(raw, frames);
      for (const [name, ffmpeg] of Object.entries({ bundled: bundledFfmpeg(), system: systemFfmpeg() })) {
        if (ffmpeg === undefined) continue;
        const [bare, ours] = await compare(ffmpeg, raw, directory, runs);
        rows.push([`${name}, ${frames} frames`, bare, ours, ours / bare]);
      }
    }
    printTable(
      `encode, ${width}x${height}, a moving picture (median ms, the start of Node included)`,
      ['ffmpeg', 'bare ffmpeg', 'fastvideo encode', 'ratio'],
      rows,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function compare(
  ffmpeg: string,
  raw: string,
  directory: string,
  runs: number,
): Promise<[number, number]> {
  const plan = planEncode({ width, height, fps });
  const bin = join(repositoryRoot, 'bin/fastvideo.js');
  const cli = [bin, 'encode', '--size', `${width}x${height}`, '--fps', `${fps}`, '--ffmpeg', ffmpeg];
  const bare: number[] = [];
  const ours: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    bare.push((await timedRun(ffmpeg, videoArguments(plan), raw, join(directory, 'bare.mp4'))).wallMs);
    ours.push((await timedRun(process.execPath, cli, raw, join(directory, 'ours.mp4'))).wallMs);
  }
  return [median(bare), median(ours)];
}

/** RGB24 frames of 1280x720, a moving picture, in a file. */
export async function makeFrames(path: string, frames: number): Promise<void> {
  const source = `testsrc2=s=${width}x${height}:r=${fps}`;
  const args = [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    source,
    '-frames:v',
    `${frames}`,
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    path,
  ];
  const [code] = await once(
    spawn(systemFfmpeg() ?? bundledFfmpeg() ?? 'ffmpeg', args, { stdio: 'inherit' }),
    'exit',
  );
  if (code !== 0) throw new Error(`ffmpeg could not make the frames: code ${code}`);
}
