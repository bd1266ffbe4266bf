import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sourceArguments } from '../support/source-program.ts';

const source = (name: string) =>
  JSON.stringify(fileURLToPath(new URL(`../../src/core/media/libav/${name}.ts`, import.meta.url)));

/** A process of its own with an encoder, which then does what `rest` says; how it ended, and what it said. */
async function endOf(rest: string) {
  const code = `
    import { createLibavEncoder } from ${source('libav-encoder')};
    import { loadLibav } from ${source('load-libav')};
    const encoder = createLibavEncoder(await loadLibav());
    const options = { width: 320, height: 240, fps: 24, audio: { sampleRate: 48000, channels: 2 } };
    async function* input(frames, goOn = async () => {}) {
      for (let index = 0; index < frames; index += 1) {
        yield { type: 'frame', data: new Uint8Array(320 * 240 * 3).fill(index) };
        yield { type: 'audio', samples: new Float32Array(4000) };
      }
      await goOn();
    }
    async function segment(frames) {
      for await (const output of encoder.encode(input(frames), options)) if (output.type === 'end') return output.frames;
    }
    ${rest}
  `;
  const child = spawn(
    process.execPath,
    [...sourceArguments, '--expose-gc', '--input-type=module', '-e', code],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode, signal] = await once(child, 'exit');
  const [stdout, stderr] = await said;
  return { exitCode, signal, stdout, stderr };
}

const well = { exitCode: 0, signal: null, stderr: '' };

describe('a process with a libav encoder', () => {
  it('ends well with what is kept ready', async () => {
    expect(await endOf('encoder.warm(options); encoder.warm({ ...options, gop: 3 });')).toMatchObject(well);
  });

  it('ends well after segments, without a close', async () => {
    const rest = 'for (let count = 0; count < 3; count += 1) console.log(await segment(5)); gc();';
    expect(await endOf(rest)).toEqual({ ...well, stdout: '5\n5\n5\n' });
  });

  it('ends well in the middle of a segment', async () => {
    const rest = `const outputs = encoder.encode(input(5, () => new Promise(() => {})), options);
      for await (const output of outputs) if (output.type === 'media') console.log('media');`;
    expect(await endOf(rest)).toMatchObject({ ...well, exitCode: 13 });
  });

  it('ends with its exit code when it exits while an encoder is at work', async () => {
    const rest = `for await (const output of encoder.encode(input(500), options))
      if (output.type === 'media' && output.timeline.videoFrames > 20) process.exit(7);`;
    expect(await endOf(rest)).toMatchObject({ ...well, exitCode: 7 });
  });

  it('says what was wrong, once, and goes on', async () => {
    const rest = `
      const bad = { ...options, pixelFormat: 'yuv421q' };
      encoder.warm(bad);
      for await (const _ of encoder.encode(input(1), bad)) {}`;
    const { stderr } = await endOf(
      `try { ${rest} } catch (error) { console.error(error.code, error.message); } console.error(await segment(2));`,
    );
    expect(stderr).toMatch(/^encoder_failed libav has no pixel format "yuv421q".*\n2\n$/);
  });

  it('lets the memory of its segments go', async () => {
    const rest = `
      const rss = async (segments) => {
        for (let count = 0; count < segments; count += 1) await segment(4);
        gc();
        return process.memoryUsage().rss;
      };
      const before = await rss(60);
      console.log(((await rss(240)) - before) / 240);`;
    const { stdout, ...end } = await endOf(rest);
    expect(end).toEqual(well);
    // Of the 920 KB of its pictures.
    expect(Number(stdout)).toBeLessThan(130_000);
  });
});
