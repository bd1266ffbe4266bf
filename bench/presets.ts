import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createGenerator } from '../src/core/generators/create-generator.ts';
import { createEncoders } from '../src/core/media/create-encoders.ts';
import type { Encoder, EncoderInput } from '../src/core/media/encoder.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const execute = promisify(execFile);

const presets = ['ultrafast', 'superfast'] as const;
const backends = ['onnx', 'mock'] as const;
const sizes = [
  { width: 256, height: 256 },
  { width: 640, height: 352 },
  { width: 1920, height: 1088 },
];
const fps = 24;
const numFrames = 24;
const rounds = 3;

interface Picture {
  readonly width: number;
  readonly height: number;
}

/** x264's two fastest presets on what the built-in generators make, in turn: CPU time, size and likeness to the frames. */
export async function benchPresets(): Promise<void> {
  const { fragments, jpegs, description } = await createEncoders();
  const rows = [];
  for (const backend of backends) {
    for (const picture of sizes) {
      const frames = await framesOf(backend, picture);
      const cpuMs = presets.map((): number[] => []);
      const films: Uint8Array[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        for (const [at, preset] of presets.entries()) {
          const before = process.cpuUsage();
          films[at] = await encoded(fragments, frames, { ...picture, preset });
          const { user, system } = process.cpuUsage(before);
          // The first one warms up.
          if (round > 0) cpuMs[at]?.push((user + system) / 1000);
        }
      }
      for (const [at, preset] of presets.entries()) {
        const film = films[at] ?? new Uint8Array(0);
        const { psnr, ssim } = await likeness(film, frames, picture);
        const cpu = median(cpuMs[at] ?? []);
        const size = `${picture.width}x${picture.height}`;
        rows.push([`${backend} ${size} ${preset}`, cpu, film.length / 1000, psnr, ssim.toFixed(4)]);
      }
    }
  }
  await fragments.close();
  await jpegs.close();
  printTable(
    `Presets of x264 over ${numFrames} frames (${description}): medians of ${rounds}`,
    ['film', 'CPU ms', 'kB', 'PSNR dB', 'SSIM'],
    rows,
  );
}

async function framesOf(backend: (typeof backends)[number], picture: Picture): Promise<Uint8Array[]> {
  const generator = await createGenerator({ backend });
  const request = {
    ...{ prompt: 'a red fox in blue snow', seed: 1024, ...picture, fps, numFrames },
    ...{ numInferenceSteps: 8, guidanceScale: 1 },
  };
  const frames: Uint8Array[] = [];
  for await (const event of generator.generate(request, new AbortController().signal)) {
    if (event.type === 'frame') frames.push(Uint8Array.from(event.data));
  }
  await generator.close();
  return frames;
}

async function encoded(
  encoder: Encoder,
  frames: readonly Uint8Array[],
  options: Picture & { readonly preset: string },
): Promise<Uint8Array> {
  async function* input(): AsyncGenerator<EncoderInput, void, undefined> {
    for (const data of frames) yield { type: 'frame', data };
  }
  const parts: Uint8Array[] = [];
  for await (const output of encoder.encode(input(), { ...options, fps, final: true })) {
    if (output.type !== 'end') parts.push(output.data);
  }
  return Buffer.concat(parts);
}

/** By the filters of the system's ffmpeg, against the frames as 4:2:0. */
async function likeness(
  film: Uint8Array,
  frames: readonly Uint8Array[],
  { width, height }: Picture,
): Promise<{ readonly psnr: number; readonly ssim: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'fastvideo-bench-'));
  try {
    const [filmPath, framesPath] = [join(folder, 'film.mp4'), join(folder, 'frames.rgb')];
    await writeFile(filmPath, film);
    await writeFile(framesPath, frames);
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', String(fps)];
    const both = '[0:v]split[a][b];[1:v]format=yuv420p,split[c][d];[a][c]psnr;[b][d]ssim';
    const { stderr } = await execute('ffmpeg', [
      ...['-hide_banner', '-i', filmPath, ...raw, '-i', framesPath],
      ...['-lavfi', both, '-f', 'null', '-'],
    ]);
    const read = (pattern: RegExp) => Number(pattern.exec(stderr)?.[1] ?? Number.NaN);
    return { psnr: read(/PSNR .*average:([\d.]+|inf)/), ssim: read(/SSIM .*All:([\d.]+)/) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
