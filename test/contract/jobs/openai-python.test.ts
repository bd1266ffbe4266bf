import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { png } from '../../sessions/pictures.ts';
import { needs } from '../../support/needs.ts';
import { pythonWithOpenAi } from '../../support/python.ts';
import { decodedFrames } from '../decoded.ts';
import { quick, readyServer } from '../servers.ts';

const run = promisify(execFile);

describe('the client openai for Python', needs(pythonWithOpenAi), () => {
  it('makes, polls, downloads, lists and deletes videos, makes images, and raises its own errors', async () => {
    await using server = await readyServer('mock', quick);
    const folder = await mkdtemp(join(tmpdir(), 'fastvideo-openai-'));
    await writeFile(join(folder, 'first.png'), png({ width: 8, height: 8 }));
    const script = join(import.meta.dirname, 'openai_client.py');
    const { stdout } = await run(pythonWithOpenAi.path ?? 'python3', [script, server.url, folder]);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      models: ['mock:gradient'],
      video: { status: 'completed', progress: 100, size: '160x96', seconds: '1' },
      listed: told.ids,
      other: { num_frames: 4, seed: 5 },
      deleted: { id: told.ids[0], deleted: true },
      from_picture: 'completed',
      image: 'iVBORw0KGgo',
      errors: {
        not_found: ['NotFoundError', 'not_found', 'video_id'],
        bad_request: ['BadRequestError', 'invalid_message', 'size'],
        unknown: ['BadRequestError', 'unknown_parameter', 'num_frame'],
        no_model: ['NotFoundError', 'model_not_found', 'model'],
      },
    });
    const pictures = (await decodedFrames(await readFile(join(folder, 'video.mp4')))).filter(
      ({ track }) => track === 0,
    );
    expect(pictures).toHaveLength(24);
    expect(await decodedFrames(await readFile(join(folder, 'thumbnail.jpg')))).toHaveLength(1);
    await rm(folder, { recursive: true });
  });
});
