import { describe, expect, it } from 'vitest';
import { OwedAnswers } from '../../../src/core/router/failover/owed-answers.ts';

type Step = readonly ['client' | 'replica', object | string | Buffer];

const request: Step = ['client', { type: 'segment_prompt_source', prompt: 'a fox' }];
const paused = (value: boolean): Step => ['client', { type: 'generation_paused_updated', paused: value }];
const says = (type: string): Step => ['replica', { type }];
const segmentStart = says('ltx2_segment_start');
const segmentEnd = says('ltx2_segment_complete');

function owes(steps: readonly Step[], dialect: 'native' | 'project' = 'native'): boolean {
  const owed = new OwedAnswers(dialect);
  for (const [from, what] of steps) {
    const isBinary = Buffer.isBuffer(what);
    const text = typeof what === 'string' ? what : JSON.stringify(what);
    const message = { data: isBinary ? what : Buffer.from(text), isBinary };
    if (from === 'client') owed.onClientMessage(message);
    else owed.heard(message);
  }
  return owed.areDue;
}

describe('an answer is owed', () => {
  it.each<[string, readonly Step[]]>([
    ['while a segment that was asked for does not begin', [request]],
    ['while it is being made', [request, segmentStart, ['replica', Buffer.alloc(9)]]],
    ['while a second one waits', [request, request, segmentStart, segmentEnd]],
    ['when the pause is over', [request, paused(true), paused(false)]],
    [
      'after an error in the middle, once the segment goes on',
      [segmentStart, says('error'), says('step_complete')],
    ],
  ])('%s', (_, steps) => {
    expect(owes(steps)).toBe(true);
  });
});

describe('no answer is owed', () => {
  it.each<[string, readonly Step[]]>([
    ['to a client that asked for nothing', []],
    ['when the segment is there', [request, segmentStart, segmentEnd]],
    [
      'when it is there, in the spelling of another JSON writer',
      [request, ['replica', '{"segment_idx": 0, "type": "ltx2_segment_start"}'], segmentEnd],
    ],
    ['when it was refused', [request, says('error')]],
    ['when it failed in the middle', [request, segmentStart, says('error')]],
    ['when it was cancelled before it began', [request, says('segment_cancelled')]],
    ['while generation is paused', [request, paused(true)]],
    ['when the stream is over', [request, request, says('ltx2_stream_complete')]],
    ['when what is said cannot be read', [request, segmentStart, ['replica', 'no JSON']]],
    ['to a message that asks for nothing', [['client', { type: 'loop_generation_updated', enabled: true }]]],
  ])('%s', (_, steps) => {
    expect(owes(steps)).toBe(false);
  });

  it('in the project dialect to a request of the native one', () => {
    expect([owes([request], 'project'), owes([segmentStart], 'project')]).toEqual([false, true]);
  });
});

describe('in the project dialect', () => {
  const asks = (type: string): Step => ['client', { type }];
  const pausedBy = (value: boolean): Step => [
    'replica',
    { type: 'generation_paused_updated', paused: value },
  ];
  const segment = [says('segment_prompt_source'), segmentStart, segmentEnd];

  it.each<[string, readonly Step[]]>([
    ['while a prompt is not answered', [asks('append_prompt')]],
    ['while a prompt that was received is not used', [asks('append_prompt'), says('prompt_received')]],
    [
      'while it is being enhanced',
      [asks('append_prompt'), says('prompt_received'), says('prompt_enhancing')],
    ],
    ['between two segments', [says('ltx2_stream_start'), ...segment]],
    ['when the stream does not begin', [says('ltx2_stream_start'), says('seed_prompts_updated')]],
    ['while prompts are rewritten', [asks('rewrite_seed_prompts'), says('rewrite_seed_prompts_started')]],
    ['when the pause is over', [says('ltx2_stream_start'), pausedBy(true), pausedBy(false)]],
    ['when prompts are there again', [says('prompt_sources_blocked'), says('prompt_sources_resumed')]],
  ])('an answer is owed %s', (_, steps) => {
    expect(owes(steps, 'project')).toBe(true);
  });

  it.each<[string, readonly Step[]]>([
    ['to a client that has not begun', [says('queue_status'), says('gpu_assigned'), pausedBy(false)]],
    [
      'when no prompt is left',
      [asks('append_prompt'), says('prompt_received'), ...segment, says('prompt_sources_blocked')],
    ],
    ['when a prompt was refused', [says('prompt_sources_blocked'), asks('append_prompt'), says('error')]],
    ['when it could not be enhanced', [says('prompt_received'), says('prompt_fallback_used')]],
    ['when the server found no prompt of its own', [...segment, says('auto_prompt_failed')]],
    ['when a rewrite was refused', [asks('rewrite_seed_prompts'), says('rewrite_seed_prompts_complete')]],
    ['at the segment cap', [...segment, says('ltx2_stream_complete')]],
    ['between two projects', [...segment, says('ltx2_stream_complete'), says('project_idle')]],
    ['while generation is paused', [says('ltx2_stream_start'), ...segment, pausedBy(true)]],
    ['to a toggle', [says('prompt_sources_blocked'), asks('set_enhancement'), says('enhancement_updated')]],
  ])('no answer is owed %s', (_, steps) => {
    expect(owes(steps, 'project')).toBe(false);
  });
});
