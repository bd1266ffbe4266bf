import type fc from 'fast-check';
import { errorMessage, FastVideoError } from '../../src/core/base/errors.ts';
import { Finding, openTarget, type Target } from './target.ts';

/** What one input may take of a processor, in milliseconds, and of memory. */
const mostCpuMs = 2000;
const mostBytes = 512 * 2 ** 20;

interface PureTarget<Input> {
  readonly name: string;
  readonly about: string;
  readonly batch?: number;
  readonly inputs: () => fc.Arbitrary<Input> | Promise<fc.Arbitrary<Input>>;
  /** May throw a `FastVideoError`, and nothing else. */
  readonly read: (input: Input) => unknown;
}

/** Code that takes bytes or texts and works on them in this process. */
export function pureTarget<Input>({ name, about, batch = 200, inputs, read }: PureTarget<Input>): Target {
  const check = async (input: Input): Promise<void> => {
    const before = process.cpuUsage();
    const memory = process.memoryUsage();
    try {
      await read(input);
    } catch (error) {
      if (error instanceof Finding) throw error;
      if (!(error instanceof FastVideoError) || error.entry.whose === 'bug') {
        throw new Finding(`It threw ${error instanceof Error ? error.stack : errorMessage(error)}`);
      }
    }
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    if (ms > mostCpuMs) throw new Finding(`It took ${ms.toFixed(0)} ms.`);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const bytes = heapUsed + arrayBuffers - memory.heapUsed - memory.arrayBuffers;
    if (bytes > mostBytes) throw new Finding(`It took ${bytes} bytes of memory.`);
  };
  return {
    name,
    about,
    batch,
    open: async () =>
      openTarget<Input>({
        inputs: await inputs(),
        feed: async (list) => {
          for (const input of list) await check(input);
        },
      }),
  };
}
