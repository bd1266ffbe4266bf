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

  it('in the project dialect before a segment begins', () => {
    expect([owes([request], 'project'), owes([segmentStart], 'project')]).toEqual([false, true]);
  });
});
