import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quick, quickFrames } from '../contract/servers.ts';
import { repositoryRoot, type ServerProcess, startServer } from '../support/server-process.ts';

const script = join(repositoryRoot, 'examples/hls/hls.mjs');

describe('examples/hls', () => {
  let folder: string;
  let server: ServerProcess;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fastvideo-hls-'));
    server = await startServer({ command: 'mock', args: quick });
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('writes a playlist that plays, with all pictures and with sound', async () => {
    const prompts = ['a red fox', 'the fox looks up', 'the fox runs'];
    await promisify(execFile)(process.execPath, [script, folder, ...prompts], {
      env: { ...process.env, FASTVIDEO_URL: server.url },
    });
    const playlist = join(folder, 'stream.m3u8');
    expect(readFileSync(playlist, 'utf8')).toMatch(/#EXT-X-MAP:URI="init.mp4"[\s\S]*#EXT-X-ENDLIST/);
    const shown = execFileSync(
      'ffprobe',
      [
        '-v',
        'warning',
        '-count_frames',
        '-show_entries',
        'stream=codec_type,nb_read_frames',
        '-of',
        'json',
        playlist,
      ],
      { encoding: 'utf8' },
    );
    const { streams } = JSON.parse(shown) as { streams: { codec_type: string; nb_read_frames: string }[] };
    const frames = (type: string) =>
      Number(streams.find(({ codec_type }) => codec_type === type)?.nb_read_frames);
    expect(frames('video')).toBe(prompts.length * quickFrames);
    expect(frames('audio')).toBeGreaterThan(prompts.length * quickFrames);
  });

  it('says how it is called', async () => {
    const run = promisify(execFile)(process.execPath, [script]);
    await expect(run).rejects.toMatchObject({ code: 2, stderr: 'Usage: node hls.mjs FOLDER PROMPT...\n' });
  });
});
