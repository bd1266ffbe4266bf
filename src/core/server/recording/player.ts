import { type FileHandle, open } from 'node:fs/promises';
import { pause } from '../../base/async/aborted.ts';
import { FastVideoError, systemErrorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { textOf } from '../../base/ws-data.ts';
import type { ClientSocket } from '../client-socket.ts';
import { Cues, cueOf, leaveCue } from './cues.ts';
import { indexLines } from './index-lines.ts';
import type { Recording } from './recording.ts';
import { binaryFileOf, type RecordedLine } from './recording-format.ts';
import { textMember } from './text-message.ts';

export interface PlayerOptions {
  /** How many times as fast as it was recorded; 0: without any pause. */
  readonly speed: number;
  readonly logger: Logger;
}

/** What Node's timers take at most. */
const longestDelayMs = 2 ** 31 - 1;

/**
 * Plays a recording to a client: what the server sent, at its times, and past each message that the recorded client
 * sent when this client has sent one of the same type too; the times count from there. Resolves when the client has
 * gone. Throws `input_invalid` when the files are no longer what they were.
 */
export async function playRecording(
  recording: Recording,
  client: ClientSocket,
  { speed, logger }: PlayerOptions,
): Promise<void> {
  const cues = new Cues(recording.cues);
  const untold = unexpectedLog(logger);
  client.onMessage((data, isBinary) => {
    const cue = isBinary ? '(binary)' : cueOf(textMember(textOf(data)));
    if (cues.give(cue)) return;
    if (cue === leaveCue) client.close(1000, leaveCue);
    else untold(cue);
  });
  const clock = new ReplayClock(speed);
  const binary = await openIfThere(binaryFileOf(recording.indexFile));
  try {
    for await (const read of indexLines(recording.indexFile)) {
      if ('header' in read) continue;
      const { line } = read;
      if ('from' in line && line.from === 'client') {
        const cue = cueOf(line);
        if (!cues.has(cue)) logger.info({ type: cue }, 'replay waits for a message of the client');
        const answer = await cues.take(cue, client.gone);
        if (answer !== 'taken') {
          client.close(1000, answer === 'left' ? leaveCue : 'recording_ended');
          break;
        }
        clock.restartAt(line.ms);
      } else {
        await clock.reach(line.ms, client.gone);
        await send(line, client, binary);
      }
      if (client.gone.aborted) return;
    }
    // Does nothing where the close has begun.
    if (!recording.complete) client.close(1001, 'recording_incomplete');
  } finally {
    await binary?.close();
  }
  await client.closed();
}

/** Recorded time as it passes in the replay. */
class ReplayClock {
  readonly #speed: number;
  #recordedMs = 0;
  #sinceMs = performance.now();

  constructor(speed: number) {
    this.#speed = speed;
  }

  /** From now on it is so late in the recording. */
  restartAt(recordedMs: number): void {
    this.#recordedMs = recordedMs;
    this.#sinceMs = performance.now();
  }

  /** Resolves when it is so late in the recording; or the signal aborts. */
  async reach(recordedMs: number, signal: AbortSignal): Promise<void> {
    if (this.#speed === 0) return;
    const due = this.#sinceMs + (recordedMs - this.#recordedMs) / this.#speed;
    const ms = Math.min(due - performance.now(), longestDelayMs);
    await pause(ms, signal);
  }
}

async function send(line: RecordedLine, client: ClientSocket, binary: FileHandle | undefined): Promise<void> {
  if ('frame' in line) {
    await client.sendText(JSON.stringify(line.frame));
  } else if ('text' in line) {
    await client.sendText(line.text);
  } else if ('binary' in line) {
    await client.sendBinary(await readBytes(binary, line.binary));
  } else {
    closeAsRecorded(client, line.close);
  }
}

/** 1005 says that there was no code, other codes that no peer may send that there was no close frame. */
function closeAsRecorded(client: ClientSocket, { code, reason }: { code: number; reason: string }): void {
  const sendable = (code <= 1014 && code !== 1004 && code !== 1006) || code >= 3000;
  if (code === 1005) client.close();
  else if (sendable) client.close(code, reason);
  else client.terminate();
}

async function readBytes(
  file: FileHandle | undefined,
  { offset, length }: { readonly offset: number; readonly length: number },
): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead = 0 } = (await file?.read(bytes, filled, length - filled, offset + filled)) ?? {};
    if (bytesRead === 0)
      throw new FastVideoError('input_invalid', 'A recording was truncated during the replay.');
    filled += bytesRead;
  }
  return bytes;
}

/** Recordings without a binary message may do without the file. */
async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Each kind is told once, and a client that makes up kinds does not fill the log. */
function unexpectedLog(logger: Logger): (cue: string) => void {
  const kindsTold = 50;
  const told = new Set<string>();
  return (cue) => {
    if (told.has(cue) || told.size >= kindsTold) return;
    told.add(cue);
    logger.warn({ type: cue }, 'message is not in the recording and is not answered');
  };
}
