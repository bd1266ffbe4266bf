import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { probe } from '../contract/film.ts';
import { repositoryRoot } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';

const bin = join(repositoryRoot, 'bin/fastvideo.js');

export interface StreamResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A `fastvideo stream` that runs as a real process. */
export interface StreamProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<StreamResult>;
  /** The JSON lines on stderr so far. */
  events(): Record<string, unknown>[];
  /** Waits for an event; throws when the process ends before it. */
  until(what: string, holds: (event: Record<string, unknown>) => boolean): Promise<void>;
}

/** Starts it; without `input` its stdin is left open for the test to write to. */
export function startStream(args: readonly string[], input?: string): StreamProcess {
  const env = { ...process.env, FASTVIDEO_API_KEY: '' };
  const child = spawn(process.execPath, [bin, 'stream', ...args], { env });
  const stdout: Buffer[] = [];
  let stderr = '';
  let code: number | null | undefined;
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A process that has enough of its input closes it.
  child.stdin.on('error', () => undefined);
  if (input !== undefined) child.stdin.end(input);
  const ended = new Promise<StreamResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      code = exitCode;
      resolve({ code: exitCode, stdout: Buffer.concat(stdout), stderr });
    });
  });
  const events = () =>
    stderr
      .slice(0, stderr.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    child,
    ended,
    events,
    until: (what, holds) =>
      waitFor(what, () => {
        if (events().some(holds)) return true;
        if (code !== undefined) throw new Error(`It ended with ${code} before ${what}:\n${stderr}`);
        return false;
      }),
  };
}

/** Runs it to its end. */
export function stream(args: readonly string[], input = ''): Promise<StreamResult> {
  return startStream(args, input).ended;
}

/** Reads the film with ffprobe; throws when it complains, or when the time of a track does not grow. */
export async function readFilm(film: Buffer): Promise<{ frames: number; seconds: number }> {
  const { packets, videoFrames, streams } = await probe(film);
  if (streams.join() !== 'video,audio') throw new Error(`The film has the tracks ${streams.join()}.`);
  const last = new Map<string, number>();
  for (const { codec_type, dts_time } of packets) {
    const time = Number(dts_time);
    if (time <= (last.get(codec_type) ?? Number.NEGATIVE_INFINITY)) {
      throw new Error(`The ${codec_type} goes from ${last.get(codec_type)} to ${time} s.`);
    }
    last.set(codec_type, time);
  }
  return { frames: videoFrames, seconds: last.get('video') ?? 0 };
}

/** The differences between the times of samples that follow each other, in milliseconds, each once. */
export async function sampleSteps(film: Buffer, track: 'video' | 'audio'): Promise<number[]> {
  const { packets } = await probe(film);
  const times = packets
    .filter(({ codec_type }) => codec_type === track)
    .map(({ dts_time }) => Number(dts_time));
  const steps = times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) * 1000));
  return [...new Set(steps)];
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return address.port;
}
