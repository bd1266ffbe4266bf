import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Part } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/log.ts';
import { makeWritableFolder } from '../../base/writable-folder.ts';
import { bytesOf, textOf } from '../../base/ws-data.ts';
import type { ConnectionTap, OpenTap } from '../connection-tap.ts';
import { recordingVersion } from './recording-format.ts';
import { RecordingWriter } from './recording-writer.ts';

interface RecorderOptions {
  readonly directory: string;
  readonly serverVersion: string;
  readonly logger: Logger;
}

/** Keeps what goes both ways on each connection, in two files of its own. */
export class Recorder implements Part {
  readonly name = 'recorder';
  readonly #options: RecorderOptions;
  readonly #open = new Map<RecordingWriter, () => number>();

  private constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Makes the folder. Throws `start_failed` when nothing can be written there. */
  static async open(options: RecorderOptions): Promise<Recorder> {
    const { directory } = options;
    await makeWritableFolder(directory, 'Recordings (--record)');
    return new Recorder(options);
  }

  readonly tap: OpenTap = ({ path }): ConnectionTap => {
    const { directory, serverVersion, logger } = this.#options;
    const opened = performance.now();
    const startedAt = new Date().toISOString();
    const elapsed = () => Math.round((performance.now() - opened) * 10) / 10;
    // The time comes first: the list of a folder is in the order of recording.
    const name = `${startedAt.replaceAll(':', '-')}-${randomUUID().slice(0, 8)}.jsonl`;
    const writer = new RecordingWriter(
      join(directory, name),
      {
        format: 'fastvideo-recording',
        version: recordingVersion,
        path,
        server_version: serverVersion,
        started_at: startedAt,
      },
      logger,
    );
    this.#open.set(writer, elapsed);
    void writer.done().then(() => this.#open.delete(writer));
    return {
      incoming: (data, isBinary) => {
        writer.message({ ms: elapsed(), from: 'client', data: isBinary ? bytesOf(data) : textOf(data) });
      },
      outgoing: (data) => {
        writer.message({ ms: elapsed(), from: 'server', data });
        return data;
      },
      closed: (code, reason) => writer.close({ ms: elapsed(), close: { code, reason } }),
    };
  };

  /** Resolves when every recording is complete. Comes after the server, which cuts off who is still there. */
  async stop(): Promise<void> {
    const cutOff = 1006;
    for (const [writer, elapsed] of this.#open) {
      writer.close({ ms: elapsed(), close: { code: cutOff, reason: '' } });
    }
    await Promise.all([...this.#open.keys()].map((writer) => writer.done()));
  }
}
