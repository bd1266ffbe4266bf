import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { pythonWithWebsockets } from '../support/python.ts';
import { startServer } from '../support/server-process.ts';
import { documentedClient } from './documented-client.ts';

const run = promisify(execFile);
const small = ['--default_request.sampling.width', '128', '--default_request.sampling.height', '96'];

describe('the client that docs/protocol.md shows', () => {
  it('in Python writes two segments into a file that plays', needs(pythonWithWebsockets), async () => {
    await using server = await startServer({ command: 'mock', args: small });
    const directory = await mkdtemp(join(tmpdir(), 'fastvideo-python-'));
    try {
      const film = join(directory, 'film.mp4');
      await writeFile(join(directory, 'client.py'), documentedClient('python', server));
      const url = `${server.url.replace(/^http/, 'ws')}/v1/stream`;
      await run(pythonWithWebsockets.path ?? '', [join(directory, 'client.py'), url, film]);
      const { stdout } = await run('ffprobe', [
        ...['-v', 'error', '-select_streams', 'v', '-count_frames'],
        ...['-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', film],
      ]);
      expect(Number(stdout.trim())).toBe(240);
      expect((await readFile(film)).toString('latin1').split('moov')).toHaveLength(2);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
