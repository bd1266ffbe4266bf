import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FastVideoError } from '../../src/core/base/errors.ts';
import type { GenerationRequest } from '../../src/core/generators/generator.ts';
import { programCommand } from '../../src/core/generators/program/program-command.ts';
import { ProgramGenerator } from '../../src/core/generators/program/program-generator.ts';
import { WorkerProcess } from '../../src/core/generators/program/worker-process.ts';
import type { ContinuationState } from '../../src/core/protocol/continuation-state.ts';
import { standIn } from '../contract/python-servers.ts';
import { hangLimitMs } from '../support/hang-limit.ts';
import { needs } from '../support/needs.ts';
import { python } from '../support/python.ts';

const runs = 500;
const modelPath = 'FastVideo/LTX2-Distilled-Diffusers';
const usual: GenerationRequest = {
  prompt: 'sound',
  seed: 1,
  width: 32,
  height: 32,
  fps: 24,
  numFrames: 25,
  numInferenceSteps: 2,
  guidanceScale: 1,
};

/** Values that a number, a text or an object may be replaced with. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    '',
    'NaN',
    'Infinity',
    '1e999',
    -1,
    0,
    1,
    8,
    9,
    49,
    1e9,
    1e300,
    -0.5,
    1.5,
    [],
    {},
    true,
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** One change of a state that the worker made. */
const change = fc.oneof(
  fc.record({
    what: fc.constant('set' as const),
    path: fc.constantFrom(
      ['schema_version'],
      ['segment_index'],
      ['video_conditioning_frame_idx'],
      ['video_conditioning_strength'],
      ['audio_conditioning_strength'],
      ['audio_conditioning_num_frames'],
      ['video_position_offset_sec'],
      ['audio_sample_rate'],
      ['metadata'],
      ['video'],
      ['video', 'frames_b64'],
      ['video', 'frames_b64', '0'],
      ['audio'],
      ['audio', 'safetensors_b64'],
    ),
    value: odd,
  }),
  fc.record({ what: fc.constant('drop' as const), frames: fc.integer({ min: 0, max: 9 }) }),
  fc.record({
    what: fc.constant('bytes' as const),
    frame: fc.integer({ min: -1, max: 8 }),
    at: fc.nat(),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    cut: fc.boolean(),
  }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

const request = fc.record(
  {
    prompt: fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.nat(0xffff).map((c) => String.fromCharCode(c)) }),
    ),
    negativePrompt: fc.string({ unit: 'binary' }),
    seed: fc.oneof({ weight: 3, arbitrary: fc.nat() }, fc.maxSafeInteger()),
    width: fc.constantFrom(1, 16, 33, 32, 32, 64, 64, 96),
    height: fc.constantFrom(2, 32, 32, 64),
    fps: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(1, 12, 24, 25, 60) },
      fc.double({ min: 1, max: 240, noNaN: true }),
    ),
    numFrames: fc.integer({ min: 1, max: 40 }),
    numInferenceSteps: fc.integer({ min: 1, max: 4 }),
    guidanceScale: fc.double({ min: 0, max: 1000, noNaN: true }),
  },
  { requiredKeys: [] },
);

/** A file that begins like a picture, or is none. */
const file = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .uint8Array({ maxLength: 200 })
    .map((rest) => Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, ...rest)),
);

function apply(change: Change, payload: Record<string, unknown>): void {
  if (change.what === 'set') {
    const last = change.path.at(-1) ?? '';
    const owner = change.path.slice(0, -1).reduce<unknown>((value, key) => member(value, key), payload);
    if (typeof owner === 'object' && owner !== null) Object.assign(owner, { [last]: change.value });
    return;
  }
  const frames = member(member(payload, 'video'), 'frames_b64');
  if (change.what === 'drop') {
    if (Array.isArray(frames)) frames.length = Math.min(frames.length, change.frames);
    return;
  }
  const sound = member(payload, 'audio');
  const [owner, key] = change.frame < 0 ? [sound, 'safetensors_b64'] : [frames, String(change.frame)];
  const text = member(owner, key);
  if (typeof text !== 'string' || typeof owner !== 'object' || owner === null) return;
  const bytes = Buffer.from(text, 'base64');
  // An earlier change may have left fewer bytes there than this one writes.
  const room = Math.max(1, bytes.length - change.bytes.length);
  Buffer.from(change.bytes).copy(bytes, change.at % room);
  const left = change.cut ? bytes.subarray(0, change.at % Math.max(1, bytes.length)) : bytes;
  Object.assign(owner, { [key]: left.toString('base64') });
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, key)?.value
    : undefined;
}

/** Those that the segment behind the state begins with, which are cut. */
function framesOf(state: ContinuationState | undefined): number {
  const frames = member(member(state?.payload, 'video'), 'frames_b64');
  return Array.isArray(frames) ? frames.length : 0;
}

describe('the FastVideo worker', needs(python), () => {
  let folder: string;
  let program: WorkerProcess;
  let generator: ProgramGenerator;
  let state: ContinuationState;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fastvideo-worker-fuzz-'));
    const env = { ...process.env, ...standIn, STAND_IN_RECORD: join(folder, 'record.jsonl') };
    const { command, env: more } = programCommand('python', modelPath, env);
    program = await WorkerProcess.start({
      name: 'The worker',
      command,
      env: { ...env, ...more },
      start: {
        worker_id: 'worker-0',
        gpu_id: 0,
        generator: { model_path: modelPath },
        default_request: {},
        conditioning: { num_frames: 9, end_offset: 0, enable_audio_reencode: false },
        mock: { sleep_ms: 0, audio: true },
        encoder: { pixel_format: 'yuv420p', fragment_duration_ms: 100, extra_args: [] },
        usual_request: usual,
        window_bytes: 2 ** 20,
      },
      startTimeoutMs: hangLimitMs,
      stopRunGraceMs: hangLimitMs,
      heartbeat: { intervalMs: hangLimitMs, allowed: 20 },
      onStderr: () => {},
      onNotice: () => {},
    });
    generator = new ProgramGenerator(program);
    state = (await make(usual)).state ?? expect.fail('there is no state');
  });
  afterAll(async () => {
    await generator.close();
    await rm(folder, { recursive: true });
  });

  async function make(generation: GenerationRequest) {
    let frames = 0;
    let last: ContinuationState | undefined;
    for await (const event of generator.generate(generation, new AbortController().signal)) {
      if (event.type === 'frame') frames += 1;
      if (event.type === 'state') last = event.state;
    }
    return { frames, state: last };
  }

  /** Makes it or refuses it as what cannot be made: nothing else may happen. */
  async function makeOrRefuse(generation: GenerationRequest): Promise<'made' | 'refused'> {
    try {
      const { frames } = await make(generation);
      expect(frames).toBe(generation.numFrames - framesOf(generation.continuationState));
      return 'made';
    } catch (error) {
      if (!(error instanceof FastVideoError)) throw error;
      expect(error).toMatchObject({
        code: expect.stringMatching(/^(invalid_message|preset_mismatch)$/),
        retryable: false,
        message: expect.stringMatching(/^.{10,700}$/),
      });
      return 'refused';
    }
  }

  async function loadedOnce(): Promise<void> {
    expect(await make(usual)).toMatchObject({ frames: 25 });
    const record = await readFile(join(folder, 'record.jsonl'), 'utf8');
    expect(record.split('\n').filter((line) => line.startsWith('{"config"'))).toHaveLength(1);
    expect(program.alive).toBe(true);
  }

  it(`makes or refuses ${runs} requests, and loads the model once`, async () => {
    const ends = { made: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        request,
        fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, file),
        async (asked, bytes) => {
          const path = join(folder, 'picture');
          if (bytes) await writeFile(path, bytes);
          const generation = { ...usual, ...asked, ...(bytes ? { initImagePath: path } : {}) };
          ends[await makeOrRefuse(generation)] += 1;
        },
      ),
      { numRuns: runs },
    );
    expect(Math.min(ends.made, ends.refused)).toBeGreaterThan(runs / 20);
    await loadedOnce();
  });

  it(`goes on from or refuses ${runs} changed states, and loads the model once`, async () => {
    const ends = { made: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
        const changed = structuredClone(state);
        for (const each of changes) apply(each, changed.payload);
        ends[await makeOrRefuse({ ...usual, continuationState: changed })] += 1;
      }),
      { numRuns: runs },
    );
    expect(Math.min(ends.made, ends.refused)).toBeGreaterThan(runs / 20);
    await loadedOnce();
  });
});
