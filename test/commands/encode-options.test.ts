import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { patternFrame, probe } from '../media/material.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { runHere } from './run-here.ts';

const bin = join(repositoryRoot, 'bin/fastvideo.js');
const [width, height] = [128, 96];
const size = ['--size', `${width}x${height}`];
const frames = Buffer.concat(Array.from({ length: 24 }, (_, index) => patternFrame(width, height, index)));

function encode(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [bin, 'encode', ...size, ...args], {
    input: frames,
    env: { ...process.env, ...env },
  });
}

/** What ffprobe says of its film; its bytes. */
async function film(args: readonly string[], env?: Readonly<Record<string, string>>) {
  const { stdout, stderr } = encode(args, env);
  expect(stderr.toString()).toBe('');
  const { streams, video } = await probe(stdout);
  const keyFrames = video.flatMap(({ flags }, index) => (flags.startsWith('K') ? [index] : []));
  const bytes = video.reduce((sum, packet) => sum + Number(packet.size), 0);
  return { ...streams[0], keyFrames, frames: video.length, bytes };
}

describe.each(['ffmpeg', 'libav'])('fastvideo encode --backend %s', (backend) => {
  it('has the encoder options of a config', async () => {
    const usual = await film(['--backend', backend]);
    expect(usual).toMatchObject({ codec_name: 'h264', pix_fmt: 'yuv420p', keyFrames: [0], frames: 24 });
    const options = [
      ...['--preset', 'fast', '--tune', 'film', '--profile', 'high444', '--pixel-format', 'yuv444p'],
      ...[
        '--gop-seconds',
        '0.5',
        '--crf',
        '45',
        '--ffmpeg-arg=-refs',
        '--ffmpeg-arg=2',
        '--fragment-ms',
        '500',
      ],
    ];
    const other = await film(['--backend', backend, ...options]);
    expect(other).toMatchObject({ pix_fmt: 'yuv444p', profile: 'High 4:4:4 Predictive', keyFrames: [0, 12] });
    expect(other.bytes).toBeLessThan(usual.bytes / 2);
    const poor = await film(['--backend', backend, '--preset', 'veryfast', '--bitrate', '40000']);
    expect(poor.bytes).toBeLessThan(usual.bytes / 2);
  });

  it("reads FastVideo's variables", async () => {
    const env = { FASTVIDEO_VIDEO_CODEC: 'libx265' };
    expect(await film(['--backend', backend], env)).toMatchObject({ codec_name: 'hevc', frames: 24 });
    expect(await film(['--backend', backend, '--codec', 'libx264'], env)).toMatchObject({
      codec_name: 'h264',
    });
  });

  it.each([
    [['--codec', 'no_such_codec'], /^fastvideo: .*no_such_codec.*--codec.*\n$/],
    [
      ['--pixel-format', 'no_such_format'],
      /^fastvideo: .*no_such_format.*--pixel-format \(no_such_format\)\.\n$/,
    ],
  ])('refuses %j with exit code 2 and one line', (args, message) => {
    const { status, stdout, stderr } = encode(['--backend', backend, ...args]);
    expect({ status, bytes: stdout.length }).toEqual({ status: 2, bytes: 0 });
    expect(stderr.toString()).toMatch(message);
  });
});

describe('fastvideo encode', () => {
  it.each([
    [['--backend', 'gpu'], '--backend "gpu" must be auto, libav or ffmpeg'],
    [['--crf', 'low'], '--crf "low" must be a number, e.g. 23'],
    [
      ['--gop', '12', '--gop-seconds', '1'],
      '--gop and --gop-seconds exclude each other; set only one of them.',
    ],
    [['--crf', '20', '--bitrate', '9000'], '--crf and --bitrate exclude each other; set only one of them.'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await runHere(['encode', ...size, ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
