import { join } from 'node:path';
import { python } from '../support/python.ts';
import { repositoryRoot, type ServerProcess } from '../support/server-process.ts';
import { readyServer } from './servers.ts';

export const model = ['--generator.model_path', 'FastVideo/LTX2-Distilled-Diffusers'];
/** What stands in for the package; its prompts' words are in the README there. */
export const standIn: Record<string, string> = {
  FASTVIDEO_PYTHON: python.path ?? 'python3',
  PYTHONPATH: join(repositoryRoot, 'python/tests/stand_in'),
  PYTHONDONTWRITEBYTECODE: '1',
};

export const [width, height, frames] = [96, 64, 25];
/** A later segment begins with the frames that it was conditioned on; these are cut. */
export const later = frames - 9;
export const picture = [
  ...['--default_request.sampling.width', String(width)],
  ...['--default_request.sampling.height', String(height)],
  ...['--default_request.sampling.num_frames', String(frames)],
  ...['--streaming.pool.conditioning_num_frames', '9'],
  ...['--streaming.generation_segment_cap', '1000'],
];

/** A ready `serve` with FastVideo in Python; of an argument that is given twice the last one holds. */
export async function pythonServer(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<ServerProcess> {
  return await readyServer('serve', [...model, ...picture, ...args], env);
}
