import { type FileHandle, open } from 'node:fs/promises';
import { Wakeup } from '../../base/async/wakeup.ts';
import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { binaryFileOf, type RecordingHeader } from './recording-format.ts';
import { textMember } from './text-message.ts';

/** What may wait to be written, before the disk counts as too slow. */
const maxWaitingBytes = 64 * 2 ** 20;
/** A line of the index and what belongs to it in memory. */
const lineBytes = 256;

interface Message {
  readonly ms: number;
  readonly from: 'client' | 'server';
  readonly data: string | Uint8Array;
}

interface Close {
  readonly ms: number;
  readonly close: { readonly code: number; readonly reason: string };
}

/**
 * Writes one connection's recording while it happens. Nobody waits for it: what the disk cannot take ends the recording
 * with a line in the log, never the session. The index never names bytes that are not in the binary file yet, so what a
 * killed process leaves can be read up to there.
 */
export class RecordingWriter {
  readonly #indexFile: string;
  readonly #logger: Logger;
  readonly #done: Promise<void>;
  #waiting: (Message | Close)[] = [];
  #waitingBytes = 0;
  #binaryBytes = 0;
  readonly #news = new Wakeup();
  #ended = false;
  /** The files can take no more. */
  #broken = false;

  constructor(indexFile: string, header: RecordingHeader, logger: Logger) {
    this.#indexFile = indexFile;
    this.#logger = logger;
    this.#done = this.#run(header).catch((error: unknown) => this.#giveUp(errorMessage(error)));
  }

  message(message: Message): void {
    if (this.#ended) return;
    if (this.#waitingBytes > maxWaitingBytes) {
      this.#giveUp('the disk is too slow');
      return;
    }
    this.#add(message);
  }

  /** The last line; nothing is written after it. */
  close(close: Close): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#add(close);
  }

  /** Resolves when everything is in the files and these are closed. Never rejects. */
  async done(): Promise<void> {
    await this.#done;
  }

  #add(line: Message | Close): void {
    this.#waiting.push(line);
    this.#waitingBytes += bytesOf(line);
    this.#news.wake();
  }

  #giveUp(error: string): void {
    if (!this.#broken)
      this.#logger.error({ path: this.#indexFile, error }, 'recording ends: cannot be written');
    this.#broken = true;
    this.#ended = true;
    this.#waiting = [];
    this.#news.wake();
  }

  async #run(header: RecordingHeader): Promise<void> {
    await using index = await openNew(this.#indexFile);
    await using binary = await openNew(binaryFileOf(this.#indexFile));
    await index.file.writeFile(`${JSON.stringify(header)}\n`);
    while (!this.#ended || this.#waiting.length > 0) {
      if (this.#waiting.length === 0) await this.#news.wait();
      const lines = this.#waiting;
      this.#waiting = [];
      await this.#write(lines, index.file, binary.file);
    }
  }

  async #write(lines: readonly (Message | Close)[], index: FileHandle, binary: FileHandle): Promise<void> {
    const bytes = lines.flatMap((line) =>
      'data' in line && typeof line.data !== 'string' ? [line.data] : [],
    );
    if (bytes.length > 0) await binary.writeFile(Buffer.concat(bytes));
    const texts = lines.map((line) => `${JSON.stringify(this.#asWritten(line))}\n`);
    if (texts.length > 0) await index.writeFile(texts.join(''));
    for (const line of lines) this.#waitingBytes -= bytesOf(line);
  }

  #asWritten(line: Message | Close): object {
    if ('close' in line) return line;
    const { ms, from, data } = line;
    if (typeof data === 'string') return { ms, from, ...textMember(data) };
    const offset = this.#binaryBytes;
    this.#binaryBytes += data.length;
    return { ms, from, binary: { offset, length: data.length } };
  }
}

/** A recording is never written over; what people typed is for nobody else on the machine. */
async function openNew(path: string) {
  const file = await open(path, 'wx', 0o600);
  return { file, [Symbol.asyncDispose]: () => file.close() };
}

function bytesOf(line: Message | Close): number {
  return lineBytes + ('data' in line ? line.data.length : 0);
}
