import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EncoderInput } from '../../src/core/media/encoder.ts';
import {
  bundledFfmpeg,
  bundledUpToPixels,
  ffmpegBinary,
  systemFfmpeg,
} from '../../src/core/media/ffmpeg/binary.ts';
import { createFfmpegEncoder } from '../../src/core/media/ffmpeg/ffmpeg-encoder.ts';
import { commandLine, descendantPids } from '../support/child-pids.ts';
import { eventually, waitFor } from '../support/wait-for.ts';
import { describeEncoder } from './encoder-contract.ts';
import { encodeSegment, frames } from './material.ts';

describeEncoder('the ffmpeg encoder, with the bundled binary', () =>
  createFfmpegEncoder({ ffmpegPath: bundledFfmpeg() ?? 'no bundled ffmpeg' }),
);
const picture = { width: 64, height: 48, fps: 24 };
const sounding = { ...picture, audio: { sampleRate: 48_000, channels: 2 } } as const;

async function ffmpegChildren(): Promise<number[]> {
  const pids = await descendantPids(process.pid);
  const lines = await Promise.all(pids.map(async (pid) => ({ pid, line: await commandLine(pid) })));
  return lines.filter(({ line }) => /ffmpeg .*pipe:0/.test(line)).map(({ pid }) => pid);
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function* endless(): AsyncGenerator<EncoderInput, void, undefined> {
  yield* frames(64, 48, 4);
  await new Promise(() => {});
}

describe('the processes of the ffmpeg encoder', () => {
  it('are gone when the segment has ended', async () => {
    const encoder = createFfmpegEncoder();
    await encodeSegment(encoder, frames(64, 48, 4), sounding);
    expect(await ffmpegChildren()).toEqual([]);
  });

  it('are gone when the consumer has left', async () => {
    const encoder = createFfmpegEncoder();
    for await (const output of encoder.encode(endless(), sounding)) {
      if (output.type !== 'media') continue;
      expect(await ffmpegChildren()).toHaveLength(2);
      break;
    }
    expect(await ffmpegChildren()).toEqual([]);
  });

  it('are gone when the encoder is closed, those kept ready too', async () => {
    const encoder = createFfmpegEncoder();
    encoder.warm(sounding);
    encoder.warm({ ...picture, gop: 5 });
    const running = encoder.encode(endless(), { ...picture, gop: 7 });
    await running.next();
    expect(await ffmpegChildren()).toHaveLength(4);
    await encoder.close();
    expect(await ffmpegChildren()).toEqual([]);
    await expect(running.next().then(() => running.next())).rejects.toThrow('closed');
  });

  it('are kept ready for a bounded number of option sets', async () => {
    const encoder = createFfmpegEncoder();
    for (let gop = 1; gop <= 20; gop += 1) encoder.warm({ ...picture, gop });
    await eventually(async () => expect(await ffmpegChildren()).toHaveLength(8));
    await encoder.close();
  });

  it('are replaced without a word when one that was kept ready has died', async () => {
    const encoder = createFfmpegEncoder();
    encoder.warm(sounding);
    const spares = await ffmpegChildren();
    expect(spares).toHaveLength(2);
    for (const pid of spares) process.kill(pid, 'SIGKILL');
    // Not only dead: only when Node has been told, there is no such process any more.
    await waitFor('end of the spares', () => !spares.some(exists));
    const { end } = await encodeSegment(encoder, frames(64, 48, 4), sounding);
    expect(end.frames).toBe(4);
    await encoder.close();
  });

  it('tell how they died', async () => {
    const encoder = createFfmpegEncoder();
    let told = false;
    const run = async () => {
      for await (const output of encoder.encode(endless(), picture)) {
        if (output.type !== 'media' || told) continue;
        told = true;
        for (const pid of await ffmpegChildren()) process.kill(pid, 'SIGSEGV');
      }
    };
    await expect(run()).rejects.toMatchObject({
      code: 'encoder_failed',
      message: expect.stringMatching(/^ffmpeg \(.*\) ended with signal SIGSEGV\.$/),
    });
  });

  it('pass on what ffmpeg said, in one line', async () => {
    const encoder = createFfmpegEncoder();
    const options = { ...picture, extraArgs: ['-no_such_option', '1'] };
    await expect(encodeSegment(encoder, frames(64, 48, 4), options)).rejects.toMatchObject({
      code: 'encoder_failed',
      message: expect.stringMatching(/^ffmpeg \(.*\) ended with exit code 1: .*no_such_option.*$/),
    });
  });

  it('must write as many frames as they read', async () => {
    const encoder = createFfmpegEncoder();
    const options = { ...picture, extraArgs: ['-frames:v', '2'] };
    await expect(encodeSegment(encoder, frames(64, 48, 8), options)).rejects.toMatchObject({
      code: 'encoder_failed',
      message: expect.stringContaining('The encoder wrote 2 frames out of'),
    });
  });
});

describe('the choice of the ffmpeg', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fastvideo-test-'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true });
  });

  it('falls on the explicit path, then on the environment', () => {
    vi.stubEnv('FASTVIDEO_FFMPEG_BIN', '/from/environment');
    expect(ffmpegBinary('/explicit', 1)).toBe('/explicit');
    expect(ffmpegBinary(undefined, 1)).toBe('/from/environment');
  });

  it('falls on the bundled one for small pictures and on the system for large ones', () => {
    vi.stubEnv('FASTVIDEO_FFMPEG_BIN', '');
    expect(ffmpegBinary(undefined, bundledUpToPixels)).toBe(bundledFfmpeg());
    expect(ffmpegBinary(undefined, bundledUpToPixels + 1)).toBe(systemFfmpeg());
  });

  it('falls on the bundled one when PATH has none', () => {
    vi.stubEnv('FASTVIDEO_FFMPEG_BIN', '');
    vi.stubEnv('PATH', directory);
    expect(ffmpegBinary(undefined, 1920 * 1080)).toBe(bundledFfmpeg());
  });

  it('says where there is no ffmpeg, and how to name one', async () => {
    const encoder = createFfmpegEncoder({ ffmpegPath: '/nowhere/ffmpeg' });
    await expect(encodeSegment(encoder, frames(64, 48, 4), sounding)).rejects.toMatchObject({
      code: 'encoder_failed',
      retryable: false,
      message: expect.stringMatching(/^There is no ffmpeg at '\/nowhere\/ffmpeg'; set FASTVIDEO_FFMPEG_BIN/),
    });
  });

  it('says when the ffmpeg may not be run', async () => {
    const path = join(directory, 'ffmpeg');
    await writeFile(path, '#!/bin/sh\n');
    await chmod(path, 0o644);
    const encoder = createFfmpegEncoder({ ffmpegPath: path });
    encoder.warm(picture);
    await expect(encodeSegment(encoder, frames(64, 48, 4), picture)).rejects.toMatchObject({
      code: 'encoder_failed',
      message: expect.stringContaining(`The ffmpeg at '${path}' is not executable`),
    });
  });
});
