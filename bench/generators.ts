import { type BuiltinBackend, createGenerator } from '../src/core/generators/create-generator.ts';
import type { GenerationRequest } from '../src/core/generators/generator.ts';

const cases: readonly { backend: BuiltinBackend; width: number; height: number }[] = [
  { backend: 'onnx', width: 256, height: 256 },
  { backend: 'onnx', width: 640, height: 352 },
  { backend: 'onnx', width: 1280, height: 720 },
  { backend: 'mock', width: 1920, height: 1088 },
];
const segments = 5;
const numFrames = 48;

/** Prints how fast the built-in generators make frames with their sound, without an encoder. */
export async function benchGenerators(): Promise<void> {
  console.log(`\nGenerators: frames a second, median of ${segments} segments of ${numFrames} frames`);
  for (const { backend, width, height } of cases) {
    const loadStart = performance.now();
    const generator = await createGenerator({ backend });
    const loadMs = performance.now() - loadStart;
    const request: GenerationRequest = {
      prompt: 'a red fox in blue snow',
      seed: 1024,
      width,
      height,
      fps: 24,
      numFrames,
      numInferenceSteps: 8,
      guidanceScale: 1,
    };
    const rates: number[] = [];
    // One segment more than counted: the first one warms up.
    for (let segment = 0; segment <= segments; segment++) {
      const start = performance.now();
      let frames = 0;
      for await (const event of generator.generate(request, new AbortController().signal)) {
        if (event.type === 'frame') frames += 1;
      }
      if (segment > 0) rates.push((frames * 1000) / (performance.now() - start));
    }
    await generator.close();
    const median = rates.sort((one, other) => one - other)[Math.floor(rates.length / 2)] ?? 0;
    const size = `${width}x${height}`;
    console.log(
      `  ${backend.padEnd(14)} ${size.padEnd(10)} ${median.toFixed(0).padStart(5)} fps  load ${loadMs.toFixed(0)} ms`,
    );
  }
}
