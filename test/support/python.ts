import { execFileSync } from 'node:child_process';
import type { Tool } from './needs.ts';

const program = process.env['FASTVIDEO_PYTHON'] ?? 'python3';

function pythonWith(check: string): string | undefined {
  try {
    execFileSync(program, ['-c', `import sys; assert sys.version_info >= (3, 10); ${check}`], {
      stdio: 'ignore',
    });
    return program;
  } catch {
    // Not there, too old, or without the package.
    return undefined;
  }
}

const orOther = `Install it for ${program}, or set FASTVIDEO_PYTHON to a Python that has it.`;

/** The Python of tests of the FastVideo worker: `FASTVIDEO_PYTHON`, else `python3`. */
export const python: Tool = {
  path: pythonWith('import numpy'),
  remedy: `There is no Python 3.10 with numpy, which the stand-in of FastVideo needs. ${orOther}`,
};

/** The same, for the client that the docs show. */
export const pythonWithWebsockets: Tool = {
  path: pythonWith('import websockets'),
  remedy: `There is no Python 3.10 with the package websockets. ${orOther}`,
};

/** The same, for OpenAI's client. */
export const pythonWithOpenAi: Tool = {
  path: pythonWith('from openai.resources.videos import Videos'),
  remedy: `There is no Python 3.10 with the package openai. ${orOther}`,
};

/** FastVideo's own source, to which the worker's use of it is held. */
export const fastVideoSource: Tool = {
  path: process.env['FASTVIDEO_SOURCE'] ?? pythonWith('import fastvideo'),
  remedy:
    'FastVideo is not installed. Set FASTVIDEO_SOURCE to a folder that holds fastvideo/ ' +
    '(pip download --no-deps fastvideo, then unzip the wheel).',
};
