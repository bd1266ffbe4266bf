import { expect, it } from 'vitest';
import { openingLimits } from '../../../src/core/base/opening/opening-limits.ts';

const first = (given: number | undefined, sessionSeconds: number) => {
  const limits = openingLimits({ init_timeout_seconds: given, init_total_seconds: 120 }, sessionSeconds);
  return [limits.native.firstByteMs, limits.project.firstByteMs];
};

it('waits for the first byte of a native client as long as a session may be idle, and 10 s on /ws', () => {
  expect(first(undefined, 60)).toEqual([60_000, 10_000]);
  expect(first(undefined, 0)).toEqual([300_000, 10_000]);
  expect(first(2, 60)).toEqual([2000, 2000]);
});

it('lets a message stand still for 10 s, or as the operator says, whatever the dialect', () => {
  const { native, project } = openingLimits({ init_total_seconds: 120 }, 60);
  expect([native.silenceMs, project.silenceMs, native.totalMs]).toEqual([10_000, 10_000, 120_000]);
});
