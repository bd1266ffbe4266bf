import { describe, expect, it } from 'vitest';
import { parseProjectClientFrame } from '../../../src/core/protocol/project/parse.ts';

function read(frame: object) {
  return parseProjectClientFrame(JSON.stringify(frame));
}

describe('frames of a client of /ws', () => {
  it('have the defaults of the contract', () => {
    expect(read({ type: 'session_init_v2' })).toEqual({
      ok: true,
      frame: {
        type: 'session_init_v2',
        curated_prompts: [],
        enhancement_enabled: true,
        auto_extension_enabled: false,
        loop_generation_enabled: false,
        realtime: false,
        single_clip_mode: false,
      },
    });
    expect(read({ type: 'simple_generate', prompt: 'a fox' })).toMatchObject({
      frame: { enhancement_enabled: true },
    });
  });

  it('may say null for what they leave out, and more than is known', () => {
    const frame = {
      type: 'session_init_v2',
      preset_id: null,
      curated_prompts: null,
      initial_image: null,
      x: 1,
    };
    expect(read(frame)).toMatchObject({ ok: true, frame: { curated_prompts: [], preset_id: null } });
  });

  it.each([
    [{ type: 'append_prompt' }, 'append_prompt: prompt:'],
    [{ type: 'set_enhancement', enabled: 'yes' }, 'set_enhancement: enabled:'],
    [{ type: 'set_generation_paused' }, 'set_generation_paused: paused:'],
    [
      { type: 'set_rewrite_temperature', rewrite_temperature: 3 },
      'set_rewrite_temperature: rewrite_temperature:',
    ],
    [{ type: 'segment_prompt_source', prompt: 'x' }, 'unknown type "segment_prompt_source"'],
    [{ prompt: 'x' }, '"type" is missing'],
  ])('are refused with what is wrong: %j', (frame, problem) => {
    expect(read(frame)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });

  it('are refused when they are not JSON', () => {
    expect(parseProjectClientFrame('{')).toEqual({ ok: false, problem: 'not JSON' });
  });
});
