import { afterEach, describe, expect, it } from 'vitest';
import { ProgramGenerator } from '../../../src/core/generators/program/program-generator.ts';
import { request } from '../collect.ts';
import { describeGenerator } from '../generator-contract.ts';
import { startProgram } from './program.ts';

// The window lets one message go at a time: the program is never ahead of its reader.
describeGenerator(
  'A program that speaks the worker protocol',
  async () => new ProgramGenerator(await startProgram('generator-worker')),
);

const never = new AbortController().signal;

describe('a program as a generator', () => {
  const started: ProgramGenerator[] = [];
  afterEach(async () => {
    for (const generator of started.splice(0)) await generator.close();
  });

  async function bars(args: readonly string[] = []): Promise<ProgramGenerator> {
    const generator = new ProgramGenerator(
      await startProgram('frames-worker', { args, windowBytes: 2 ** 20 }),
    );
    started.push(generator);
    return generator;
  }

  /** All events of a segment. */
  async function segment(generator: ProgramGenerator, overrides: object = {}, signal = never) {
    const events = [];
    for await (const event of generator.generate({ ...request, ...overrides }, signal)) events.push(event);
    return events;
  }

  it('says what it is', async () => {
    expect((await bars()).info).toEqual({
      modelId: 'colour bars',
      stateKind: 'test.bars.v1',
      adapters: false,
      streamsFrames: true,
      pictures: ['first_frame'],
      audio: null,
    });
  });

  it('tells the sound of a run before its first frame, and that there is none', async () => {
    const generator = await bars();
    const [first, second] = await segment(generator);
    expect(first).toEqual({ type: 'audio_format', audio: { sampleRate: 48_000, channels: 1 } });
    expect(second?.type).toBe('frame');
    expect((await segment(generator, { prompt: 'silent bars' }))[0]).toEqual({
      type: 'audio_format',
      audio: null,
    });
  });

  it('gives a state back to the program as it came, bytes and long texts too', async () => {
    const generator = await bars();
    const stateOf = (events: Awaited<ReturnType<typeof segment>>) => {
      const last = events.at(-1);
      if (last?.type !== 'state') throw new Error('The last event is no state.');
      return last.state;
    };
    const first = stateOf(await segment(generator));
    expect(first.payload).toMatchObject({ next_frame: 6, taken: null, empty: new Uint8Array(0) });
    // The program itself refuses a state of which one byte is another.
    const second = stateOf(await segment(generator, { continuationState: first }));
    expect(second.payload).toMatchObject({ next_frame: 12, taken: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const damaged = structuredClone(second);
    const deep = damaged.payload.deep as [{ latents: Uint8Array }];
    deep[0].latents.fill(0, 70_000);
    await expect(segment(generator, { continuationState: damaged })).rejects.toMatchObject({
      code: 'preset_mismatch',
      message: 'The state is not what this worker sent.',
    });
  });

  it.each([
    ['small', 'generator_failed', 'sent a frame of 9213 bytes; 64x48 in RGB24 is 9216'],
    ['half', 'generator_failed', 'not a whole number of float32 samples'],
    ['encoded', 'generator_failed', '"init" although it had announced raw frames'],
    ['fails', 'generator_failed', 'The bars are out of colour.'],
    ['blob', 'internal_error', 'A blob at 10, 10 bytes, is outside a payload of 15.'],
  ])('fails with one line when a run is "%s", and makes the next', async (word, code, message) => {
    const generator = await bars();
    const error = await segment(generator, { prompt: word }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    if (code !== 'internal_error') expect(error).toMatchObject({ code });
    expect((await segment(generator)).filter(({ type }) => type === 'frame')).toHaveLength(6);
  });

  it('tells what the program said before it died', async () => {
    const generator = await bars();
    await expect(segment(generator, { prompt: 'dies' })).rejects.toMatchObject({
      code: 'worker_failed',
      message: 'The program exited with code 7: CUDA error: an illegal memory access',
    });
  });

  it('tells of a program that writes to stdout what is no message', async () => {
    const generator = await bars();
    await expect(segment(generator, { prompt: 'prints' })).rejects.toMatchObject({
      code: 'worker_failed',
      message: expect.stringMatching(/^The program wrote something that is not a message .*\.$/),
    });
  });
});
