import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Cost } from '../support/timed-run.ts';
import type { RawMedia } from './raw-media.ts';
import { framesPerSecond, type SegmentSize } from './sizes.ts';

const script = fileURLToPath(new URL('./bare-loop.ts', import.meta.url));

export interface BareLoop extends AsyncDisposable {
  /** Encodes the segment once. */
  segment(): Promise<Cost>;
}

/** `bare-loop.ts` in a process of its own. */
export function startBareLoop({ width, height }: SegmentSize, media: RawMedia): BareLoop {
  const numbers = [width, height, framesPerSecond, media.sampleRate, media.channels].map(String);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, media.framesPath, media.soundPath, ...numbers],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    segment: async () => {
      child.stdin.write('\n');
      const { value, done } = await lines.next();
      if (done) throw new Error('The bare loop ended before its segment did.');
      return JSON.parse(value) as Cost;
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
