import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { alarm } from '../../base/async/deadline.ts';
import { Child } from '../../base/child/child.ts';
import type { ServeConfig } from '../../base/config/serve-schema/serve-config.ts';
import { FastVideoError } from '../../base/errors.ts';
import { resolveBackend } from '../create-generator.ts';
import { programCommand } from './program-command.ts';

/** Python reads FastVideo and torch meanwhile, perhaps from a slow disk. */
const longestCheckMs = 300_000;

const AnswerSchema = z.object({ refusals: z.array(z.string()) });

/**
 * Lets FastVideo's package read the blocks that a worker would give it, in the Python of the worker. Loads no model and asks
 * nothing of the network. Throws `config_invalid` with what the package refuses, in its own words, and `start_failed` where
 * it cannot be asked. A Python that is not there, or has no package, refuses nothing: that is told elsewhere.
 */
export async function checkWithPackage(
  { generator, default_request }: Pick<ServeConfig, 'generator' | 'default_request'>,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  if (resolveBackend(generator.model_path, generator.backend) !== 'python') return;
  const { command, env: more } = programCommand('python', generator.model_path, env);
  const [python] = command;
  const child = new Child(python, ['-m', 'fastvideo_worker.check'], { env: { ...env, ...more } });
  child.stdin.end(JSON.stringify({ generator, default_request }));
  using _ = alarm(longestCheckMs, () => child.kill());
  const [said, exit] = await Promise.all([text(child.stdout), child.exited]);
  if (exit.startError) return;
  const answer = exit.code === 0 ? AnswerSchema.safeParse(parsed(said)).data : undefined;
  if (answer === undefined) {
    const how = exit.signal === null ? `exit code ${exit.code}` : exit.signal;
    throw new FastVideoError(
      'start_failed',
      `FastVideo's package for ${python} cannot read the config; it ended with ${how}${child.stderr.quoted()}`,
    );
  }
  if (answer.refusals.length > 0) throw new FastVideoError('config_invalid', answer.refusals.join('\n'));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // What it says is told by the caller.
    return undefined;
  }
}
