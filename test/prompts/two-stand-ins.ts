import { afterEach, beforeEach } from 'vitest';
import {
  type StandInProvider,
  type StandInReply,
  startStandInProvider,
} from '../support/stand-in-provider.ts';

/** The providers of the test that runs, for files that have called {@link twoStandIns}. */
export let one: StandInProvider;
export let two: StandInProvider;

export const down: StandInReply = { kind: 'status', status: 500 };

/** Each test of the file gets two providers of its own. */
export function twoStandIns(): void {
  beforeEach(async () => {
    [one, two] = await Promise.all([startStandInProvider(), startStandInProvider()]);
  });
  afterEach(() => Promise.all([one.stop(), two.stop()]));
}
