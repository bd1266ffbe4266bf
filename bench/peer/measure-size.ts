import { startServer } from '../../test/support/server-process.ts';
import { sampling } from '../segments.ts';
import { isStall, type MeasuredServer, type Round, runRound } from '../support/round.ts';
import { type Cost, timedRun } from '../support/timed-run.ts';
import { bareArguments } from './bare-ffmpeg.ts';
import { startBareLoop } from './bare-loop-process.ts';
import { medianCost, serverFigures } from './figures.ts';
import { inTurn } from './in-turn.ts';
import { startPeer } from './peer-server.ts';
import { writeRawMedia } from './raw-media.ts';
import type { SizeResult } from './results.ts';
import { framesPerSecond, type SizeCase } from './sizes.ts';

/** One session: a server that says nothing for so long will not speak again. */
const stallMs = 120_000;

export interface Programs {
  /** The Python that has FastVideo's server. */
  readonly python: string;
  readonly ffmpeg: string;
}

/** Segments of one size: the peer's server, ours, the bare loop and bare ffmpeg in turn. */
export async function measureSize(size: SizeCase, programs: Programs): Promise<SizeResult> {
  const { width, height, frames, rounds, each, firstMediaBound } = size;
  await using media = await writeRawMedia(size);
  await using peerServer = await startPeer(programs.python, size);
  await using ourServer = await startServer({ command: 'mock', args: sampling(width, height, frames) });
  await using bare = startBareLoop(size, media);
  const peer: Round[] = [];
  const ours: Round[] = [];
  const loop: Cost[] = [];
  const ffmpeg: Cost[] = [];
  const runs = [
    async () => {
      peer.push(await oneSession(peerServer, each));
    },
    async () => {
      ours.push(await oneSession(ourServer, each));
    },
    async () => {
      for (let segment = 0; segment < each; segment += 1) loop.push(await bare.segment());
    },
    async () => {
      const args = bareArguments(width, height, framesPerSecond);
      ffmpeg.push(await timedRun(programs.ffmpeg, args, media.framesPath, media.outputPath));
    },
  ];
  await inTurn(1, runs);
  // That was the warm-up.
  for (const list of [peer, ours, loop, ffmpeg]) list.length = 0;
  await inTurn(rounds, runs);
  return {
    ...{ width, height, frames, firstMediaBound },
    ...{ ours: serverFigures(ours), peer: serverFigures(peer) },
    ...{ loop: medianCost(loop), ffmpeg: medianCost(ffmpeg) },
  };
}

async function oneSession(server: MeasuredServer, each: number): Promise<Round> {
  const result = await runRound(server, 1, each, stallMs);
  if (isStall(result)) throw new Error(`A server said nothing for ${stallMs} ms.`);
  return result;
}
