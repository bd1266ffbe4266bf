import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { EncodeOptions, Encoder, EncoderInput, EncoderOutput } from '../../src/core/media/encoder.ts';
import type { Timeline } from '../../src/core/media/timeline.ts';

const execute = promisify(execFile);

/** Resolves when a count has not grown for a while: whoever made it grow waits for somebody. */
export async function untilStill(count: () => number): Promise<void> {
  let before = Number.NaN;
  while (count() !== before) {
    before = count();
    await delay(300);
  }
}

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
export async function probe(bytes: Uint8Array): Promise<ProbedFilm> {
  return asFile(bytes, probeFile);
}

export interface ProbedFilm {
  readonly streams: ProbedStream[];
  readonly video: ProbedPacket[];
  readonly audio: ProbedPacket[];
}

async function probeFile(path: string): Promise<ProbedFilm> {
  const { stdout, stderr } = await execute(
    'ffprobe',
    ['-v', 'warning', '-show_streams', '-show_packets', '-of', 'json', path],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  if (stderr !== '') throw new Error(`ffprobe warns: ${stderr}`);
  const { streams, packets } = JSON.parse(stdout) as { streams: ProbedStream[]; packets: ProbedPacket[] };
  const of = (type: string) => packets.filter(({ codec_type }) => codec_type === type);
  return { streams, video: of('video'), audio: of('audio') };
}

/** What a film holds for who watches it. */
export interface WatchedFilm extends ProbedFilm {
  /** What ffmpeg said while it decoded. */
  readonly warnings: string;
  /** RGB24, one array a frame. */
  readonly pictures: readonly Uint8Array[];
  /** One array a channel; none where there is no sound. */
  readonly sound: readonly Float32Array[];
}

/** Decodes everything, in one pass. Throws when ffprobe warns of anything. */
export async function watch(
  bytes: Uint8Array,
  { frameBytes, channels }: { readonly frameBytes: number; readonly channels: 0 | 1 | 2 },
): Promise<WatchedFilm> {
  const folder = await mkdtemp(join(tmpdir(), 'fastvideo-test-'));
  try {
    const [picturesPath, soundPath] = [join(folder, 'pictures.rgb'), join(folder, 'sound.f32')];
    const path = join(folder, 'film.mp4');
    await writeFile(path, bytes);
    const outputs = [
      ...['-map', '0:v', '-f', 'rawvideo', '-pix_fmt', 'rgb24', picturesPath],
      ...(channels === 0 ? [] : ['-map', '0:a', '-f', 'f32le', '-c:a', 'pcm_f32le', soundPath]),
    ];
    const [probed, { stderr: warnings }] = await Promise.all([
      probeFile(path),
      execute('ffmpeg', ['-v', 'warning', '-i', path, ...outputs]),
    ]);
    return {
      warnings,
      ...probed,
      pictures: picturesIn(await readFile(picturesPath), frameBytes),
      sound: channels === 0 ? [] : soundIn(await readFile(soundPath), channels),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The decoded pictures as RGB24, one array a frame. */
export async function decodePictures(bytes: Uint8Array, frameBytes: number): Promise<Uint8Array[]> {
  return asFile(bytes, async (path) => {
    const { stdout } = await execute(
      'ffmpeg',
      ['-v', 'error', '-i', path, '-map', '0:v', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
      { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 },
    );
    return picturesIn(stdout, frameBytes);
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
    return soundIn(stdout, channels);
  });
}

function picturesIn(data: Uint8Array, frameBytes: number): Uint8Array[] {
  return Array.from({ length: Math.floor(data.length / frameBytes) }, (_, index) =>
    data.subarray(index * frameBytes, (index + 1) * frameBytes),
  );
}

function soundIn(data: Buffer, channels: 1 | 2): Float32Array[] {
  // Copied: the bytes of a pooled Buffer may begin anywhere.
  const all = new Float32Array(Uint8Array.from(data).buffer);
  return Array.from({ length: channels }, (_, channel) =>
    all.filter((_sample, index) => index % channels === channel),
  );
}
