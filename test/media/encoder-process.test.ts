import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandLine, descendantPids } from '../support/child-pids.ts';
import { sourceArguments } from '../support/source-program.ts';
import { eventually } from '../support/wait-for.ts';

const module = fileURLToPath(new URL('../../src/core/media/ffmpeg/ffmpeg-encoder.ts', import.meta.url));

/** A process of its own that keeps processes ready, then does what `rest` says. */
function start(rest: string) {
  const code = `
    import { createFfmpegEncoder } from ${JSON.stringify(module)};
    const encoder = createFfmpegEncoder();
    const options = { width: 64, height: 48, fps: 24, audio: { sampleRate: 48000, channels: 1 } };
    encoder.warm(options);
    ${rest}
  `;
  return spawn(process.execPath, [...sourceArguments, '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('a process with an encoder', () => {
  it('ends by itself although ffmpegs are kept ready', async () => {
    const child = start('');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });

  it.each([
    ['are kept ready', "console.log('ready'); setInterval(() => {}, 1000);"],
    [
      'are at work',
      `async function* input() {
         for (let index = 0; index < 4; index += 1) yield { type: 'frame', data: new Uint8Array(64 * 48 * 3) };
         await new Promise((resolve) => setTimeout(resolve, 1e6));
       }
       for await (const output of encoder.encode(input(), options)) if (output.type === 'media') console.log('ready');`,
    ],
  ])('leaves no ffmpeg behind when it is killed while they %s', async (_, rest) => {
    const child = start(rest);
    await once(child.stdout, 'data');
    const below = await descendantPids(child.pid ?? 0);
    expect(below).toHaveLength(2);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await eventually(async () => expect((await Promise.all(below.map(commandLine))).join('')).toBe(''));
  });
});
