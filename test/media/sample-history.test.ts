import { describe, expect, it } from 'vitest';
import { SampleHistory } from '../../src/core/media/sample-history.ts';

describe('SampleHistory', () => {
  it('gives any stretch of what was added, and silence around it', () => {
    const history = new SampleHistory(2, 100);
    history.append(Float32Array.of(1, -1, 2, -2));
    history.append(Float32Array.of(3, -3));
    expect(history.end).toBe(103);
    expect([...history.slice(99, 104)]).toEqual([0, 0, 1, -1, 2, -2, 3, -3, 0, 0]);
    expect([...history.slice(101, 102)]).toEqual([2, -2]);
  });

  it('forgets in whole chunks, and never what is asked to stay', () => {
    const history = new SampleHistory(1, 0);
    history.append(Float32Array.of(1, 2));
    history.append(Float32Array.of(3, 4));
    history.forgetBefore(3);
    expect([...history.slice(0, 4)]).toEqual([0, 0, 3, 4]);
    history.forgetBefore(4);
    expect([...history.slice(0, 4)]).toEqual([0, 0, 0, 0]);
    expect(history.end).toBe(4);
  });
});
