import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Capabilities, RequestLimits } from '../../src/core/protocol/worker/capabilities.ts';
import { RequestRefusal } from '../../src/core/server/jobs/openai-errors.ts';
import {
  type JobSettings,
  planExtension,
  planImages,
  planVideo,
} from '../../src/core/server/jobs/plan-job.ts';
import { parseFields } from '../../src/core/server/jobs/request-fields.ts';
import {
  ExtendFieldsSchema,
  ImageFieldsSchema,
  VideoFieldsSchema,
} from '../../src/core/server/jobs/video-fields.ts';

const usual = {
  seed: 1024,
  width: 1280,
  height: 720,
  fps: 24,
  numFrames: 121,
  numInferenceSteps: 8,
  guidanceScale: 1,
};
const settings: JobSettings = {
  defaultRequest: usual,
  maxPromptChars: 100,
  maxPixels: 1920 * 1088,
  maxFrames: 1000,
  maxSteps: 50,
};

function modelWith(limits: RequestLimits): Capabilities {
  return {
    sound: true,
    pictures: [],
    needs_first_frame: false,
    continuation: 'state',
    adapters: false,
    steering: false,
    limits,
  };
}
const ltx2 = modelWith({ size_multiple: 32, frame_step: 8, frame_rest: 1 });

const video = (fields: object, model: Capabilities | null = null) =>
  planVideo(parseFields(VideoFieldsSchema, { prompt: 'a kite', ...fields }), settings, model);

describe('what a job is made with', () => {
  it('is the default of the server where a request says nothing', () => {
    expect(video({})).toEqual({
      prompt: 'a kite',
      seed: 1024,
      width: 1280,
      height: 720,
      fps: 24,
      num_frames: 121,
      num_inference_steps: 8,
      guidance_scale: 1,
    });
  });

  it.each([
    [{ seconds: '5' }, null, 121],
    [{ seconds: 5, fps: 30 }, null, 153],
    [{ seconds: 5 }, ltx2, 121],
    [{ seconds: '4' }, ltx2, 97],
    [{ seconds: 0.01 }, ltx2, 1],
    [{ seconds: 4 }, modelWith({ frame_step: 4 }), 97],
    [{ seconds: 4, num_frames: 33 }, ltx2, 33],
    [{ num_frames: '50' }, ltx2, 50],
  ])('has for %j, whatever the model needs, so many frames', (fields, model, frames) => {
    expect(video({ size: '640x352', ...fields }, model).num_frames).toBe(frames);
  });

  it.each([
    ['1280x720', null, [1280, 720]],
    ['1280x720', ltx2, [1280, 736]],
    ['101X51', null, [102, 52]],
    ['auto', ltx2, [1280, 720]],
  ])('has for the size %s what the model can make', (size, model, [width, height]) => {
    const limits = size === 'auto' && model ? modelWith({}) : model;
    expect(video({ size }, limits)).toMatchObject({ width, height });
  });

  it('keeps to the limits of the operator, beyond which only the default of the server is allowed', () => {
    const large = { ...settings, maxFrames: 10, maxPixels: 64 * 64, maxSteps: 2 };
    const plan = (fields: object) =>
      planVideo(parseFields(VideoFieldsSchema, { prompt: 'a kite', ...fields }), large, null);
    expect(plan({})).toMatchObject({ num_frames: 121, width: 1280 });
    expect(() => plan({ num_frames: 122 })).toThrow(
      'num_frames: the video would have 122 frames, the limit is 121.',
    );
    expect(() => plan({ size: '1282x720' })).toThrow('the limit is 921600.');
    expect(() => plan({ num_inference_steps: 9 })).toThrow('num_inference_steps: 9 is above the limit of 8.');
  });

  it('is refused by the name of what the model cannot make', () => {
    const refusal = (fields: object, limits: RequestLimits) => {
      try {
        video(fields, modelWith(limits));
      } catch (error) {
        return error;
      }
      return expect.fail('it was taken');
    };
    expect(refusal({ num_frames: 200 }, { max_frames: 121 })).toMatchObject({ param: 'num_frames' });
    expect(refusal({ seed: -1 }, { min_seed: 0 })).toMatchObject({ param: 'seed' });
    expect(refusal({ prompt: '\ud800' }, {})).toMatchObject({ param: 'prompt' });
  });

  it('has seeds in a row for several images, and goes on as the video before it was', () => {
    const images = parseFields(ImageFieldsSchema, { prompt: 'a kite', n: '3', seed: 5, size: '64x64' });
    const plans = planImages(images, settings, null);
    expect(plans.map(({ seed, num_frames }) => [seed, num_frames])).toEqual([
      [5, 1],
      [6, 1],
      [7, 1],
    ]);
    const source = video({ size: '640x352', seed: 9, fps: 25 });
    const extension = planExtension(
      source,
      parseFields(ExtendFieldsSchema, { prompt: 'rain', seconds: 1 }),
      settings,
      ltx2,
    );
    expect(extension).toEqual({ ...source, prompt: 'rain', num_frames: 25 });
  });

  it('is within the limits, or refused with the name of what is wrong, whatever a stranger sends', () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        '1',
        '-1',
        '0',
        '1e9',
        'NaN',
        '99999999999999999999',
        '16x16',
        '8192x8192',
        '1920x1080',
        'true',
        null,
      ),
      fc.double(),
      fc.integer(),
    );
    const names = [...Object.keys(VideoFieldsSchema.shape), 'n', 'surprise'];
    const body = fc
      .dictionary(fc.constantFrom(...names), odd)
      .map((fields) => ({ prompt: 'a kite', ...fields }));
    const models = fc.constantFrom(
      null,
      ltx2,
      modelWith({ max_frames: 97, size_multiple: 3, max_steps: 4, min_seed: 0 }),
    );
    let made = 0;
    fc.assert(
      fc.property(body, models, (fields, model) => {
        let plan: ReturnType<typeof planVideo>;
        try {
          plan = planVideo(parseFields(VideoFieldsSchema, fields), settings, model);
        } catch (error) {
          expect(error).toBeInstanceOf(RequestRefusal);
          expect((error as RequestRefusal).message).toMatch(/^[^\n]{5,300}$/);
          return;
        }
        made += 1;
        expect(plan.width * plan.height).toBeLessThanOrEqual(settings.maxPixels);
        expect([plan.width % 2, plan.height % 2]).toEqual([0, 0]);
        expect(plan.num_frames).toBeLessThanOrEqual(settings.maxFrames);
        expect(plan.num_inference_steps).toBeLessThanOrEqual(settings.maxSteps);
        expect(Number.isSafeInteger(plan.num_frames) && plan.num_frames >= 1).toBe(true);
        expect(Number.isFinite(plan.guidance_scale) && Number.isSafeInteger(plan.seed)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(made).toBeGreaterThan(100);
  });
});
