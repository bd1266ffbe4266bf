import { describe, expect, it } from 'vitest';
import { isDefault, scenarioOf, shownValue, typedValue, valueAt } from '../../playground/scenario-values.ts';

describe('the values of a scenario in text fields', () => {
  it.each([
    ['number', '12', 12],
    ['number', '0.5', 0.5],
    ['number', ' ', undefined],
    ['number', 'many', 'many'],
    ['text', ' other model ', 'other model'],
    ['text', '12', '12'],
    ['text', '', undefined],
    ['list', 'forbidden, weapon,', ['forbidden', 'weapon']],
    ['list', '', []],
    ['sessions', 'first', 'first'],
    ['sessions', '0.25', 0.25],
    ['sessions', '1, 3', [1, 3]],
    ['sessions', '[2]', [2]],
    ['sessions', '', undefined],
  ] as const)('a %s of "%s" is %j', (field, text, value) => {
    expect(typedValue(text, field)).toEqual(value);
  });

  it.each([
    ['number', 12],
    ['text', 'other model'],
    ['list', ['forbidden', 'weapon']],
    ['sessions', 'every'],
    ['sessions', 0.25],
    ['sessions', [2]],
  ] as const)('a %s of %j is shown so that it is read back', (field, value) => {
    expect(typedValue(shownValue(value, field), field)).toEqual(value);
  });

  it('go into a scenario by their dotted keys and are found there again', () => {
    const scenario = scenarioOf(
      new Map<string, unknown>([
        ['seed', 3],
        ['worker.times', 1],
        ['worker.sessions', [2]],
        ['latency.first_frame.ms', 20],
      ]),
    );
    expect(scenario).toEqual({
      seed: 3,
      worker: { times: 1, sessions: [2] },
      latency: { first_frame: { ms: 20 } },
    });
    expect(valueAt(scenario, 'latency.first_frame.ms')).toBe(20);
    expect(valueAt(scenario, 'queue.ahead')).toBeUndefined();
  });

  it('are defaults when they are alike, lists too', () => {
    const key = { key: 'a', field: 'list', takes: '', description: '' } as const;
    expect(isDefault(['x'], { ...key, default: ['x'] })).toBe(true);
    expect(isDefault(['x', 'y'], { ...key, default: ['x'] })).toBe(false);
    expect(isDefault(undefined, key)).toBe(true);
  });
});
