import type { OpeningLimits } from './opening-wait.ts';

/** The operator's keys. */
interface OpeningKeys {
  readonly init_timeout_seconds?: number | undefined;
  readonly init_total_seconds: number;
}

/** Where the operator says nothing. */
const silenceSeconds = 10;

/** FastVideo's default idle time of a session. */
export const nativeSeconds = 300;

/**
 * How long a first frame may take in each dialect. FastVideo waits for that of a native client as long as for the next of
 * an open session, and for that of its web app for 10 s.
 *
 * @param sessionSeconds - a session's idle time; 0: no limit, which holds for sessions only
 */
export function openingLimits(
  { init_timeout_seconds: given, init_total_seconds: totalSeconds }: OpeningKeys,
  sessionSeconds: number,
): Readonly<Record<'native' | 'project', OpeningLimits>> {
  const limits = (firstByteSeconds: number): OpeningLimits => ({
    firstByteMs: firstByteSeconds * 1000,
    silenceMs: (given ?? silenceSeconds) * 1000,
    totalMs: totalSeconds * 1000,
  });
  return {
    native: limits(given ?? (sessionSeconds || nativeSeconds)),
    project: limits(given ?? silenceSeconds),
  };
}
