import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLibav } from '../../src/core/media/libav/load-libav.ts';
import { repositoryRoot } from '../support/server-process.ts';

const bin = join(repositoryRoot, 'bin/fastvideo.js');
const backends = typeof (await loadLibav()) === 'string' ? ['ffmpeg'] : ['ffmpeg', 'libav'];
const [width, height, frameCount] = [64, 48, 12];
const size = ['--size', `${width}x${height}`];
const pictures = ['-f', 'lavfi', '-i', `testsrc2=s=${width}x${height}:r=24`, '-frames:v', String(frameCount)];

let directory: string;
let frames: Buffer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fastvideo-encode-input-'));
  frames = ffmpeg([...pictures, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']);
});
afterAll(() => rm(directory, { recursive: true }));

function ffmpeg(args: readonly string[], input?: Buffer): Buffer {
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', ...args], {
    input,
    maxBuffer: 2 ** 28,
  });
  expect([status, stderr.toString('utf8')]).toEqual([0, '']);
  return stdout;
}

function y4m(format: string): Buffer {
  return ffmpeg([...pictures, '-pix_fmt', format, '-f', 'yuv4mpegpipe', '-']);
}

function encode(args: readonly string[], input: Buffer) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'encode', ...args], {
    input,
    maxBuffer: 2 ** 28,
  });
  return { code: status, stdout, stderr: stderr.toString('utf8') };
}

async function encoded(args: readonly string[], input: Buffer): Promise<string> {
  const { code, stdout, stderr } = encode(args, input);
  expect([code, stderr]).toEqual([0, '']);
  const path = join(directory, 'encoded.mp4');
  await writeFile(path, stdout);
  return path;
}

function probe(path: string, entries: string): string[] {
  const args = ['-v', 'error', '-count_packets', '-show_entries', entries, '-of', 'csv=p=0', path];
  return spawnSync('ffprobe', args, { encoding: 'utf8' }).stdout.trim().split('\n');
}

/** Mean distance of two pieces of samples, which have to be as long. */
function distance(one: Buffer, other: Buffer): number {
  expect(one.length).toBe(other.length);
  return one.reduce((sum, value, index) => sum + Math.abs(value - (other[index] ?? 0)), 0) / one.length;
}

describe.each(backends)('encode with the backend %s', (name) => {
  const backend = ['--backend', name];

  it.each(['yuv420p', 'yuv422p', 'yuv444p', 'gray'])(
    'takes y4m of %s, which tells size and rate',
    async (format) => {
      const input = y4m(format);
      const path = await encoded(backend, input);
      expect(probe(path, 'stream=width,height,pix_fmt,r_frame_rate,nb_read_packets')).toEqual([
        `${width},${height},yuv420p,24/1,${frameCount}`,
      ]);
      const plain = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'];
      expect(distance(ffmpeg(['-i', path, ...plain]), ffmpeg(['-i', '-', ...plain], input))).toBeLessThan(5);
    },
  );

  it('takes y4m from a file, and a rate that is asked for instead of its own', async () => {
    const path = join(directory, 'in.y4m');
    await writeFile(path, y4m('yuv420p'));
    const out = join(directory, 'out.mp4');
    const shell = `exec "$@" < ${path}`;
    const args = [bin, 'encode', ...backend, ...size, '--fps', '30', '-o', out];
    expect(spawnSync('sh', ['-c', shell, 'sh', process.execPath, ...args]).status).toBe(0);
    expect(probe(out, 'stream=r_frame_rate,nb_read_packets')).toEqual([`30/1,${frameCount}`]);
  });

  it('keeps the range of y4m that fills all values', async () => {
    const input = y4m('yuv420p');
    const end = input.indexOf('\n');
    const header = `${input.toString('latin1', 0, end)} XCOLORRANGE=FULL`;
    const path = await encoded(backend, Buffer.concat([Buffer.from(header, 'latin1'), input.subarray(end)]));
    expect(probe(path, 'stream=color_range')).toEqual(['pc']);
  });

  it.each([
    ['24000/1001', '24000/1001'],
    ['23.976', '24000/1001'],
    ['29.97', '30000/1001'],
    ['12.5', '25/2'],
  ])('takes %s frames a second for %s', async (rate, expected) => {
    const path = await encoded([...backend, ...size, '--fps', rate], frames);
    expect(probe(path, 'stream=r_frame_rate')).toEqual([expected]);
  });

  it('says what of y4m is cut off, and what is no frame', () => {
    const input = y4m('yuv420p');
    const frameBytes = (width * height * 3) / 2;
    const cut = encode(backend, input.subarray(0, -100));
    expect([cut.code, cut.stderr]).toEqual([
      1,
      `fastvideo: The last frame is incomplete: ${frameBytes - 100} of ${frameBytes} bytes arrived. The ${frameCount - 1} complete frames were written.\n`,
    ]);
    const odd = encode(backend, Buffer.concat([input, Buffer.from('not a frame\n')]));
    expect(odd.code).toBe(1);
    expect(odd.stderr).toContain(
      `Frame ${frameCount + 1} of the y4m stream on stdin does not begin with FRAME`,
    );
    expect(odd.stderr.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    ['an odd size', 'W63 H48 F24:1', 'does not fit the pixel format yuv420p'],
    ['interlacing', 'W64 H48 F24:1 It', 'it is interlaced'],
    ['a format of bytes', 'W64 H48 F24:1 C\u001b[31m\u0001', 'its pixel format C?[31m? is not supported'],
    ['a rate that is none', 'W64 H48 F24:x', 'its frame rate F24:x is not valid'],
  ])('refuses y4m with %s with exit code 2', (_, header, problem) => {
    const { code, stdout, stderr } = encode(backend, Buffer.from(`YUV4MPEG2 ${header}\nFRAME\n`));
    expect({ code, bytes: stdout.length, stderr }).toEqual({
      code: 2,
      bytes: 0,
      stderr: expect.stringContaining(problem),
    });
  });

  it('says that a size is missing, or another one than that of y4m', () => {
    expect(encode(backend, frames)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--size is missing'),
    });
    const other = encode([...backend, '--size', '32x32', '--audio', '/nope'], frames);
    expect(other.code).toBe(2);
    const audio = join(directory, 'short.wav');
    ffmpeg(['-y', '-f', 'lavfi', '-i', 'sine=d=1', audio]);
    const different = encode([...backend, '--size', '32x32', '--audio', audio], y4m('yuv420p'));
    expect(different).toMatchObject({ code: 2, stderr: expect.stringContaining('64x48: remove it') });
  });
});

/** One second of a tone that is heard in whatever comes out. */
const tone = ['-y', '-f', 'lavfi', '-i', 'sine=f=440:d=1:r=44100'];

describe('the sound of encode', () => {
  it.each([
    ['mp3', [], [], 44_100, 1],
    ['flac', ['-ac', '2'], [], 44_100, 2],
    ['m4a', ['-c:a', 'aac'], [], 44_100, 1],
    ['ogg', ['-c:a', 'libvorbis', '-ac', '2'], [], 44_100, 2],
    ['wav', ['-c:a', 'pcm_s24le'], [], 44_100, 1],
    ['wav', ['-c:a', 'pcm_u8'], [], 44_100, 1],
    ['wav', ['-c:a', 'pcm_f64le'], [], 44_100, 1],
    ['wav', ['-ac', '6'], [], 44_100, 2],
    ['wav', ['-ar', '37800'], [], 32_000, 1],
    ['raw', ['-f', 's16be', '-ar', '16000', '-ac', '1'], ['s16be', '16000', '1'], 16_000, 1],
    ['raw', ['-f', 'f32le', '-ar', '48000', '-ac', '2'], ['f32le', '48000', '2'], 48_000, 2],
  ] as const)('comes from %s made with %j', async (kind, made, raw, rate, channels) => {
    const path = join(directory, `tone.${kind}`);
    ffmpeg([...tone, ...made, path]);
    const [format = '', sampleRate = '', count = ''] = raw;
    const shape = ['--audio-format', format, '--audio-rate', sampleRate, '--audio-channels', count];
    const out = await encoded([...size, '--audio', path, ...(raw.length > 0 ? shape : [])], frames);
    const [, stream] = probe(out, 'stream=codec_name,sample_rate,channels');
    // The rate that AAC knows and that is nearest, or the next one up, whichever ffmpeg takes.
    expect(stream).toMatch(new RegExp(`^aac,(${rate}|44100),${channels}$`));
    const samples = ffmpeg(['-i', out, '-vn', '-ac', '1', '-ar', '8000', '-f', 's16le', '-']);
    const values = Array.from({ length: Math.floor(samples.length / 2) }, (_, at) =>
      samples.readInt16LE(at * 2),
    );
    // Half a second of 440 Hz crosses zero 440 times; an AAC encoder begins with some silence.
    expect(values.length).toBeGreaterThanOrEqual(4000);
    const half = values.slice(0, 4000);
    expect(Math.max(...half)).toBeGreaterThan(1000);
    const crossings = half.filter((value, at) => at > 0 && value >= 0 !== (half[at - 1] ?? 0) >= 0).length;
    expect(crossings).toBeGreaterThan(400);
    expect(crossings).toBeLessThan(455);
  });

  it('comes from a pipe of a shell', async () => {
    const path = join(directory, 'tone.flac');
    ffmpeg([...tone, path]);
    const input = join(directory, 'frames.rgb');
    await writeFile(input, frames);
    const out = join(directory, 'piped.mp4');
    const script = `exec "$0" "$@" --audio <(cat ${path}) -o ${out} < ${input}`;
    const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, bin, 'encode', ...size]);
    expect([status, stderr.toString('utf8')]).toEqual([0, '']);
    expect(probe(out, 'stream=codec_name')).toEqual(['h264', 'aac']);
    expect((await readFile(out)).length).toBeGreaterThan(0);
  });
});
