// Writes what a server generates as HLS: FOLDER/stream.m3u8 and its segments, for any web server to give out.
//
//   node hls.mjs FOLDER PROMPT...          FASTVIDEO_URL: the server, default http://127.0.0.1:8000
//
// ffmpeg only cuts: the video is not encoded again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Session } from 'fastvideo/client';
import { WebSocket } from 'ws';

const [folder, ...prompts] = process.argv.slice(2);
if (folder === undefined || prompts.length === 0) {
  process.stderr.write('Usage: node hls.mjs FOLDER PROMPT...\n');
  process.exit(2);
}
const url = process.env.FASTVIDEO_URL ?? 'http://127.0.0.1:8000';

await mkdir(folder, { recursive: true });
const ffmpeg = spawn(
  'ffmpeg',
  [
    ...['-loglevel', 'error', '-i', 'pipe:0', '-c', 'copy'],
    ...['-f', 'hls', '-hls_time', '2', '-hls_list_size', '0', '-hls_segment_type', 'fmp4'],
    ...['-hls_fmp4_init_filename', 'init.mp4', join(folder, 'stream.m3u8')],
  ],
  { stdio: ['pipe', 'inherit', 'inherit'] },
);
const ended = once(ffmpeg, 'close');

// Node has a WebSocket of its own from version 22 on.
const session = new Session({ url, webSocket: WebSocket });
let hasInit = false;
try {
  for (const prompt of prompts) {
    for await (const event of session.generate(prompt)) {
      // All segments of a session are one film: it has one initialization segment.
      if (event.type === 'init' && hasInit) continue;
      if (event.type !== 'init' && event.type !== 'media') continue;
      hasInit = true;
      // ffmpeg sets the pace.
      if (!ffmpeg.stdin.write(event.data)) await once(ffmpeg.stdin, 'drain');
    }
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  await session.close();
  // What has come is a whole playlist; of nothing ffmpeg would only complain.
  if (hasInit) ffmpeg.stdin.end();
  else ffmpeg.kill('SIGKILL');
}
const [code] = await ended;
process.exitCode ||= code ?? 1;
