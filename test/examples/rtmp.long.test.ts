import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/support/free-port.ts';
import { quick } from '../contract/servers.ts';
import { repositoryRoot, type ServerProcess, startServer } from '../support/server-process.ts';

const script = join(repositoryRoot, 'examples/rtmp/stream.sh');
const fastvideo = `${process.execPath} ${join(repositoryRoot, 'bin/fastvideo.js')}`;

describe('examples/rtmp', () => {
  let folder: string;
  let server: ServerProcess;
  let stream: ChildProcess | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fastvideo-rtmp-'));
    server = await startServer({
      command: 'mock',
      args: [...quick, '--streaming.generation_segment_cap', '0'],
    });
  });
  afterAll(async () => {
    if (stream?.pid !== undefined && stream.exitCode === null) process.kill(-stream.pid, 'SIGKILL');
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('streams on and on to a listener of another program, which begins anew when that was away', async () => {
    const address = `rtmp://127.0.0.1:${await freePort()}/live/key`;
    // Nobody listens yet: the first tries fail.
    stream = spawn(script, [address, 'waves at dusk', 'waves at dawn'], {
      detached: true,
      env: { ...process.env, FASTVIDEO: fastvideo, FASTVIDEO_URL: server.url },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    for (const take of ['one', 'two']) {
      const file = join(folder, `${take}.flv`);
      await received(address, file);
      const shown = execFileSync(
        'ffprobe',
        ['-v', 'error', '-show_entries', 'stream=codec_name:packet=stream_index,dts', '-of', 'json', file],
        { encoding: 'utf8' },
      );
      const { streams, packets } = JSON.parse(shown) as {
        streams: { codec_name: string }[];
        packets: { stream_index: number; dts: number }[];
      };
      expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(['aac', 'h264']);
      for (const index of [0, 1]) {
        const times = packets.filter(({ stream_index }) => stream_index === index).map(({ dts }) => dts);
        expect(times.length).toBeGreaterThan(60);
        expect(times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0))).toBe(true);
      }
    }
  });
});

/** Takes five seconds of what comes to the address; listens anew where a try was broken off. */
async function received(address: string, file: string): Promise<void> {
  const listener = spawn(
    'ffmpeg',
    ['-v', 'error', '-y', '-listen', '1', '-i', address, '-t', '5', '-c', 'copy', file],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [code] = await once(listener, 'close');
  expect(code).toBe(0);
}
