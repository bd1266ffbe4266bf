import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../../test/support/server-process.ts';
import { makeFrames } from '../encode.ts';
import { type Cost, timedRun } from '../support/timed-run.ts';
import { bareArguments } from './bare-ffmpeg.ts';
import { medianCost } from './figures.ts';
import { inTurn } from './in-turn.ts';
import type { EncodeResult } from './results.ts';

export const encodeFrames = 484;
const [width, height, fps] = [1280, 720, 24];

/** `fastvideo encode` with its defaults and bare ffmpeg in turn, over the same file. */
export async function measureEncode(rounds: number, ffmpeg: string): Promise<EncodeResult> {
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-bench-'));
  try {
    const frames = join(directory, 'frames.rgb');
    const output = join(directory, 'out.mp4');
    await makeFrames(frames, encodeFrames);
    const bin = join(repositoryRoot, 'bin/fastvideo.js');
    const cli = [bin, 'encode', '--size', `${width}x${height}`, '--fps', `${fps}`];
    const ours: Cost[] = [];
    const bare: Cost[] = [];
    await inTurn(rounds, [
      async () => {
        bare.push(await timedRun(ffmpeg, bareArguments(width, height, fps), frames, output));
      },
      async () => {
        ours.push(await timedRun(process.execPath, cli, frames, output));
      },
    ]);
    return { ours: medianCost(ours), ffmpeg: medianCost(bare) };
  } finally {
    await rm(directory, { recursive: true });
  }
}
