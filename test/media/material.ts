import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EncodeOptions, Encoder, EncoderInput, EncoderOutput } from '../../src/core/media/encoder.ts';
import type { Timeline } from '../../src/core/media/timeline.ts';

const execute = promisify(execFile);

/** A moving RGB24 pattern, different in every frame. */
export function patternFrame(width: number, height: number, index: number): Uint8Array {
  const frame = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 3;
      frame[at] = x + index * 5;
      frame[at + 1] = y + index * 3;
      frame[at + 2] = (x ^ y) + index;
    }
  }
  return frame;
}

/** Sample `position` of the test tone: 440 Hz on the left, 660 Hz on the right, half of full scale. */
export function tone(position: number, sampleRate: number, channel = 0): number {
  return 0.5 * Math.sin((2 * Math.PI * (channel === 0 ? 440 : 660) * position) / sampleRate);
}

/** The test tone from one position to another, interleaved. */
export function toneSamples(from: number, to: number, sampleRate: number, channels: 1 | 2): Float32Array {
  const samples = new Float32Array((to - from) * channels);
  for (let index = 0; index < samples.length; index += 1) {
    samples[index] = tone(from + Math.floor(index / channels), sampleRate, index % channels);
  }
  return samples;
}

export async function* frames(
  width: number,
  height: number,
  count: number,
  first = 0,
): AsyncGenerator<EncoderInput, void, undefined> {
  for (let index = 0; index < count; index += 1) {
    yield { type: 'frame', data: patternFrame(width, height, first + index) };
  }
}

export async function* inputOf(
  items: readonly EncoderInput[],
): AsyncGenerator<EncoderInput, void, undefined> {
  yield* items;
}

/** One segment, collected. */
export interface Segment {
  readonly outputs: readonly EncoderOutput[];
  readonly init: Uint8Array;
  readonly mime: string;
  readonly media: readonly Extract<EncoderOutput, { type: 'media' }>[];
  readonly end: Extract<EncoderOutput, { type: 'end' }>;
}

export async function encodeSegment(
  encoder: Encoder,
  input: AsyncIterable<EncoderInput>,
  options: EncodeOptions,
): Promise<Segment> {
  const outputs: EncoderOutput[] = [];
  for await (const output of encoder.encode(input, options)) outputs.push(output);
  const init = outputs[0];
  const end = outputs.at(-1);
  if (init?.type !== 'init' || end?.type !== 'end')
    throw new Error('a segment begins with init and ends with end');
  const media = outputs.filter((output) => output.type === 'media');
  return { outputs, init: init.data, mime: init.mime, media, end };
}

/** The first init segment and all media of segments that follow each other. */
export function concatenate(segments: readonly Segment[]): Uint8Array {
  return Buffer.concat([
    segments[0]?.init ?? new Uint8Array(0),
    ...segments.flatMap(({ media }) => media.map(({ data }) => data)),
  ]);
}

/** Silent video in segments that follow each other, each going on from the timeline of the one before. */
export async function encodeChain(
  encoder: Encoder,
  frameCounts: readonly number[],
  options: EncodeOptions,
  inputFor: (timeline: Timeline, count: number) => AsyncIterable<EncoderInput>,
): Promise<Segment[]> {
  const segments: Segment[] = [];
  let timeline: Timeline = { videoFrames: 0 };
  for (const [index, count] of frameCounts.entries()) {
    const final = index === frameCounts.length - 1;
    const segment = await encodeSegment(encoder, inputFor(timeline, count), { ...options, timeline, final });
    segments.push(segment);
    timeline = segment.end.timeline;
  }
  return segments;
}

/** Hands the bytes as a file to `use`, and removes it. */
export async function asFile<Result>(
  bytes: Uint8Array,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'fastvideo-test-'));
  try {
    const path = join(folder, 'film.mp4');
    await writeFile(path, bytes);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface ProbedPacket {
  readonly codec_type: 'video' | 'audio';
  readonly pts: number;
  readonly dts: number;
  readonly duration: number;
  readonly size: string;
  readonly flags: string;
}

export interface ProbedStream {
  readonly codec_type: 'video' | 'audio';
  readonly codec_name: string;
  readonly profile: string;
  readonly width?: number;
  readonly height?: number;
  readonly pix_fmt?: string;
  readonly color_space?: string;
  readonly time_base: string;
  readonly sample_rate?: string;
  readonly channels?: number;
}

/** What ffprobe says about the bytes. Throws when it warns of anything. */
export async function probe(
  bytes: Uint8Array,
): Promise<{ streams: ProbedStream[]; video: ProbedPacket[]; audio: ProbedPacket[] }> {
  return asFile(bytes, async (path) => {
    const { stdout, stderr } = await execute(
      'ffprobe',
      ['-v', 'warning', '-show_streams', '-show_packets', '-of', 'json', path],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    if (stderr !== '') throw new Error(`ffprobe warns: ${stderr}`);
    const { streams, packets } = JSON.parse(stdout) as { streams: ProbedStream[]; packets: ProbedPacket[] };
    const of = (type: string) => packets.filter(({ codec_type }) => codec_type === type);
    return { streams, video: of('video'), audio: of('audio') };
  });
}

/** Decodes everything and gives what ffmpeg warned of. */
export async function decodeWarnings(bytes: Uint8Array): Promise<string> {
  return asFile(bytes, async (path) => {
    const { stderr } = await execute('ffmpeg', ['-v', 'warning', '-i', path, '-f', 'null', '-']);
    return stderr;
  });
}

/** The decoded sound, one array a channel. */
export async function decodeSound(bytes: Uint8Array, channels: 1 | 2): Promise<Float32Array[]> {
  return asFile(bytes, async (path) => {
    const { stdout } = await execute(
      'ffmpeg',
      ['-v', 'error', '-i', path, '-map', '0:a', '-f', 'f32le', '-c:a', 'pcm_f32le', 'pipe:1'],
      { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 },
    );
    const all = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
    return Array.from({ length: channels }, (_, channel) =>
      all.filter((_sample, index) => index % channels === channel),
    );
  });
}

/** The decoded pictures as RGB24, one array a frame. */
export async function decodePictures(bytes: Uint8Array, frameBytes: number): Promise<Uint8Array[]> {
  return asFile(bytes, async (path) => {
    const { stdout } = await execute(
      'ffmpeg',
      ['-v', 'error', '-i', path, '-map', '0:v', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
      { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 },
    );
    return Array.from({ length: Math.floor(stdout.length / frameBytes) }, (_, index) =>
      stdout.subarray(index * frameBytes, (index + 1) * frameBytes),
    );
  });
}
