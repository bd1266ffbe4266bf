import { describe, expect, it } from 'vitest';
import { SteeredPrompt, SteeringInbox } from '../../src/core/generators/steering.ts';

const change = (prompt: string) => ({ prompt, transitionMs: 0 });

describe('the changes of a prompt', () => {
  it('are taken the newest only, and once', () => {
    const inbox = new SteeringInbox();
    inbox.offer(change('one'));
    inbox.offer(change('two'));
    expect(inbox.take(0)).toEqual(change('two'));
    expect(inbox.take(1)).toBeUndefined();
  });

  it('have no effect on frames that were shown', () => {
    const inbox = new SteeringInbox();
    const again = inbox.after(5);
    inbox.offer(change('one'));
    expect(again.take(4)).toBeUndefined();
    expect(again.take(5)).toEqual(change('one'));
  });

  it('go to a run that is begun again, too', () => {
    const inbox = new SteeringInbox();
    const seen: string[] = [];
    inbox.offer(change('one'));
    inbox.forward(({ prompt }) => seen.push(`first ${prompt}`));
    inbox.forward(({ prompt }) => seen.push(`second ${prompt}`));
    inbox.offer(change('two'));
    expect(seen).toEqual(['first one', 'second one', 'second two']);
  });

  it('come at their frames when a segment is made again, and new ones only behind them', () => {
    const inbox = new SteeringInbox();
    inbox.offer(change('new'));
    const words = new SteeredPrompt(
      [
        { ...change('later'), atFrame: 4 },
        { ...change('sooner'), atFrame: 2 },
      ],
      inbox,
    );
    const told = [0, 1, 2, 3, 4, 5].map((frame) =>
      words.at(frame).map(({ prompt, isNew }) => (isNew ? `${prompt}!` : prompt)),
    );
    expect(told).toEqual([[], [], ['sooner'], [], ['later', 'new!'], []]);
  });
});
