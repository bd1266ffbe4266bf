import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGenerator } from '../../src/core/generators/create-generator.ts';
import { framesPerSecond, type SegmentSize } from './sizes.ts';

/** One segment of our mock generator: the very frames and sound that `mock` encodes. */
export interface RawMedia extends AsyncDisposable {
  /** RGB24 frames, one behind the other. */
  readonly framesPath: string;
  /** Interleaved float32 samples. */
  readonly soundPath: string;
  readonly sampleRate: number;
  readonly channels: number;
  /** Where something is written that nobody reads. */
  readonly outputPath: string;
}

export async function writeRawMedia({ width, height, frames }: SegmentSize): Promise<RawMedia> {
  const directory = await mkdtemp(join(tmpdir(), 'fastvideo-bench-'));
  const paths = { framesPath: join(directory, 'frames.rgb'), soundPath: join(directory, 'sound.f32') };
  const generator = await createGenerator({ backend: 'mock' });
  const { audio } = generator.info;
  if (!audio) throw new Error('The mock generator makes no sound.');
  const request = {
    prompt: 'session 0, segment 0',
    seed: 1024,
    width,
    height,
    fps: framesPerSecond,
    numFrames: frames,
    numInferenceSteps: 1,
    guidanceScale: 1,
  };
  const framesFile = await open(paths.framesPath, 'w');
  const soundFile = await open(paths.soundPath, 'w');
  for await (const event of generator.generate(request, new AbortController().signal)) {
    if (event.type === 'frame') await framesFile.write(event.data);
    if (event.type === 'audio') await soundFile.write(new Uint8Array(event.samples.slice().buffer));
  }
  await framesFile.close();
  await soundFile.close();
  await generator.close();
  return {
    ...paths,
    ...audio,
    outputPath: join(directory, 'out.mp4'),
    [Symbol.asyncDispose]: async () => {
      await rm(directory, { recursive: true, force: true });
    },
  };
}
