import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WavFile } from '../../src/core/media/wav-file.ts';
import { descendantPids } from '../support/child-pids.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { eventually } from '../support/wait-for.ts';
import { runHere } from './run-here.ts';

const bin = join(repositoryRoot, 'bin/fastvideo.js');
const [width, height, frameCount] = [64, 48, 12];
const frameBytes = width * height * 3;
const size = ['--size', `${width}x${height}`];

let directory: string;
let frames: Buffer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-encode-'));
  frames = Buffer.alloc(frameBytes * frameCount);
  for (let index = 0; index < frames.length; index += 1) frames[index] = (index * 7 + (index >> 9)) & 0xff;
});
afterAll(() => rm(directory, { recursive: true }));

function encode(
  args: readonly string[],
  input: Buffer,
): { code: number | null; stdout: Buffer; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'encode', ...args], {
    input,
    maxBuffer: 2 ** 28,
  });
  return { code: status, stdout, stderr: stderr.toString('utf8') };
}

/** What ffprobe reads: packets by codec, or its complaint. */
async function probe(mp4: Buffer): Promise<Record<string, number>> {
  const path = join(directory, 'probe.mp4');
  await writeFile(path, mp4);
  const args = [
    '-v',
    'error',
    '-count_packets',
    '-show_entries',
    'stream=codec_name,nb_read_packets',
    '-of',
    'csv=p=0',
    path,
  ];
  const { stdout, stderr } = spawnSync('ffprobe', args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(','))
      .map(([codec = '', packets]) => [codec, Number(packets)]),
  );
}

/** A WAV file of a tone, 16-bit, mono. */
function wav(seconds: number, sampleRate = 48_000): Buffer {
  const samples = Math.round(seconds * sampleRate);
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + samples * 2, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index += 1) {
    bytes.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * 440 * index) / sampleRate)), 44 + index * 2);
  }
  return bytes;
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [bin, 'encode', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
}

describe('fastvideo encode', () => {
  it('turns frames into a file that ffprobe reads, and counts them', async () => {
    const { code, stdout, stderr } = encode([...size, '--stats'], frames);
    expect(code).toBe(0);
    expect(await probe(stdout)).toEqual({ h264: frameCount });
    expect(stderr).toMatch(new RegExp(`^${frameCount} frames, ${stdout.length} bytes, [0-9.]+ frames/s\n$`));
  });

  it('adds the sound of a WAV file, as long as the pictures', async () => {
    const path = join(directory, 'tone.wav');
    await writeFile(path, wav(3));
    const { code, stdout, stderr } = encode([...size, '--audio', path, '--json'], frames);
    expect(code).toBe(0);
    const packets = await probe(stdout);
    expect(packets.h264).toBe(frameCount);
    // Half a second at 48 kHz is 23.4 AAC frames.
    expect(packets.aac).toBe(24);
    expect(JSON.parse(stderr)).toMatchObject({ frames: frameCount, bytes: stdout.length });
  });

  it.each([
    ['no sound where the data is empty and other chunks are behind it', 0, 0],
    ['the sound to the end of the file where its size stands as 0', 96_000, 4000],
  ])('takes %s', async (_, soundBytes, loudness) => {
    const path = join(directory, 'unsized.wav');
    const sized = wav(1).subarray(0, 44 + soundBytes);
    sized.writeUInt32LE(0, 40);
    const list = Buffer.alloc(8 + 90_000, 0x55);
    list.write('LIST', 0, 'latin1');
    list.writeUInt32LE(90_000, 4);
    await writeFile(path, soundBytes === 0 ? Buffer.concat([sized, list]) : sized);
    const file = await WavFile.open(path);
    try {
      const samples = (await file?.read(48_000)) ?? [];
      expect(Math.max(0, ...samples)).toBeGreaterThanOrEqual(loudness);
      expect(samples.length).toBe(soundBytes / 2);
    } finally {
      await file?.close();
    }
  });

  it('counts one frame as one, and rounds what it measures', () => {
    const one = frames.subarray(0, frameBytes);
    expect(encode([...size, '--stats'], one).stderr).toMatch(/^1 frame, /);
    const { seconds, fps } = JSON.parse(encode([...size, '--json'], one).stderr) as Record<string, number>;
    expect([seconds, fps].map(String)).toEqual([
      expect.stringMatching(/^\d+(\.\d{1,3})?$/),
      expect.stringMatching(/^\d+(\.\d)?$/),
    ]);
  });

  it('takes - for stdout', async () => {
    const { code, stdout } = encode([...size, '-o', '-'], frames);
    expect(code).toBe(0);
    expect(await probe(stdout)).toEqual({ h264: frameCount });
  });

  it('writes to a file, and nothing to stdout then', async () => {
    const path = join(directory, 'out.mp4');
    const { code, stdout } = encode([...size, '-o', path], frames);
    expect([code, stdout.length]).toEqual([0, 0]);
    expect(await probe(await readFile(path))).toEqual({ h264: frameCount });
  });

  it('writes the init segment only', () => {
    const { code, stdout } = encode([...size, '--init-only'], frames);
    expect(code).toBe(0);
    const ftypLength = stdout.readUInt32BE(0);
    expect(stdout.toString('latin1', 4, 8)).toBe('ftyp');
    expect(stdout.toString('latin1', ftypLength + 4, ftypLength + 8)).toBe('moov');
    expect(stdout.readUInt32BE(ftypLength) + ftypLength).toBe(stdout.length);
  });

  it('writes what came whole when the last frame is cut off, and fails with the byte count', async () => {
    const { code, stdout, stderr } = encode(size, frames.subarray(0, frameBytes * 3 + 100));
    expect(code).toBe(1);
    expect(await probe(stdout)).toEqual({ h264: 3 });
    expect(stderr).toBe(
      `fastvideo: The last frame is incomplete: 100 of ${frameBytes} bytes arrived. The 3 complete frames were written.\n`,
    );
  });

  it.each([
    ['nothing', 0, 2, 'Nothing arrived on stdin'],
    ['less than a frame', 10, 1, 'Only 10 bytes arrived on stdin'],
  ])('fails when %s comes', (_, length, expected, message) => {
    const { code, stdout, stderr } = encode(size, frames.subarray(0, length));
    expect([code, stdout.length]).toEqual([expected, 0]);
    expect(stderr).toBe(`fastvideo: ${message}; one frame of ${width}x${height} is ${frameBytes} bytes.\n`);
  });

  it.each([
    ['a size that is none', ['--size', '64'], 2, '--size "64" must be WIDTHxHEIGHT'],
    ['a rate that is none', [...size, '--fps', 'fast'], 2, '--fps "fast" must be a number'],
    ['an odd size', ['--size', '63x48'], 2, '63x48'],
    ['a preset that is none', [...size, '--preset', 'foo'], 2, "'foo'"],
    ['a profile that is none', [...size, '--profile', 'foo'], 2, "'foo'"],
    ['a rate above all', [...size, '--fps', '1001'], 2, '1001'],
    [
      'a backend that is none',
      [...size, '--backend', 'gpu'],
      2,
      '--backend "gpu" must be auto, libav or ffmpeg',
    ],
    ['missing sound', [...size, '--audio', '/nope.wav'], 2, '/nope.wav: there is no such file'],
    [
      'sound that is a folder',
      [...size, '--audio', '/'],
      2,
      'fastvideo: --audio "/" is a folder; name a file.\n',
    ],
    ['sound on stdin', [...size, '--audio', '-'], 2, 'which carries the frames'],
    [
      'a rate for sound that says it',
      [...size, '--audio', bin, '--audio-rate', '8000'],
      2,
      'need --audio-format',
    ],
    [
      'a format of sound that is none',
      [...size, '--audio', bin, '--audio-format', 's17'],
      2,
      'must be one of s8,',
    ],
    [
      'a file without sound',
      [...size, '--audio', bin],
      2,
      `--audio ${bin} contains no readable sound: it is damaged, or of a format that is not known.\n`,
    ],
    ['a missing ffmpeg', [...size, '--ffmpeg', '/nope'], 2, '/nope'],
  ])('refuses %s in one line', async (_, args, exitCode, message) => {
    const { code, stderr } = await runHere(['encode', ...args]);
    expect(code).toBe(exitCode);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('ends quietly when its reader goes away', async () => {
    const child = start(size);
    child.stdin?.on('error', () => {});
    let stderr = '';
    child.stderr?.on('data', (text: Buffer) => {
      stderr += text.toString('utf8');
    });
    const exited = once(child, 'exit');
    child.stdin?.write(frames);
    if (child.stdout) await once(child.stdout, 'data');
    child.stdout?.destroy();
    const feeding = setInterval(() => child.stdin?.write(frames), 5);
    const [code] = await exited;
    clearInterval(feeding);
    expect([code, stderr]).toEqual([0, '']);
  });

  it.each(['ffmpeg', 'auto'])(
    'ends with 130 when it is interrupted, and leaves no process (%s)',
    async (backend) => {
      const child = start([...size, '--backend', backend]);
      const exited = once(child, 'exit');
      child.stdin?.write(frames);
      if (child.stdout) await once(child.stdout, 'data');
      const below = await descendantPids(child.pid ?? 0);
      if (backend === 'ffmpeg') expect(below.length).toBeGreaterThan(0);
      child.kill('SIGINT');
      expect((await exited)[0]).toBe(130);
      await eventually(async () => {
        const running = new Set(await readdir('/proc'));
        expect(below.filter((pid) => running.has(String(pid)))).toEqual([]);
      });
    },
  );
});
