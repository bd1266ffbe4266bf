import { once } from 'node:events';
import { pause } from '../base/async/aborted.ts';
import { FastVideoError } from '../base/errors.ts';
import type { Generator, GeneratorEvent } from '../generators/generator.ts';
import type { FaultyConnection } from './fault-injection.ts';
import type { SegmentFaults } from './session-faults.ts';

/** A generator that is slow, hangs or dies as the scenario of its client has it. */
export function faultyGenerator(inner: Generator, connection: FaultyConnection): Generator {
  return {
    ...inner,
    generate: (request, signal, control) => {
      const events = inner.generate(request, signal, control);
      const { segment } = connection.trouble;
      return segment ? withFaults(events, segment, signal) : events;
    },
  };
}

async function* withFaults(
  events: AsyncIterable<GeneratorEvent>,
  { diesAtFrame, stallsAtFrame, nextWait }: SegmentFaults,
  signal: AbortSignal,
): AsyncGenerator<GeneratorEvent, void, undefined> {
  let frames = 0;
  for await (const event of events) {
    if (event.type === 'frame') {
      frames += 1;
      // A cancelled wait is no failure: the generator itself sees the signal.
      await pause(nextWait(), signal);
      if (frames === stallsAtFrame && !signal.aborted) await once(signal, 'abort');
      if (frames === diesAtFrame && !signal.aborted) {
        const message = `The worker died at frame ${frames} (mock scenario).`;
        throw new FastVideoError('worker_failed', message, { retryable: true });
      }
    }
    yield event;
  }
}
