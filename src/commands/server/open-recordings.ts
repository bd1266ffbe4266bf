import type { Part } from '../../core/base/lifecycle.ts';
import type { Logger } from '../../core/base/log.ts';
import { Recorder } from '../../core/server/recording/recorder.ts';
import { findRecordings } from '../../core/server/recording/recording.ts';
import { Replays } from '../../core/server/recording/replays.ts';
import type { StreamServerOptions } from '../../core/server/stream-server.ts';
import { version } from '../../version.ts';

export interface RecordingOptions {
  /** Folder for recordings of this run. */
  readonly record: string | undefined;
  /** Folder of recordings, or the file of one, to play. */
  readonly replay: string | undefined;
  readonly replaySpeed: number;
}

export interface Recordings {
  readonly server: Pick<StreamServerOptions, 'taps' | 'replays'>;
  /** Started before the server and stopped after it. */
  readonly parts: readonly Part[];
}

/** What `--record` and `--replay` add to a server. Throws `start_failed` and `usage`. */
export async function openRecordings(options: RecordingOptions, logger: Logger): Promise<Recordings> {
  const { record, replay, replaySpeed: speed } = options;
  if (record !== undefined) {
    const recorder = await Recorder.open({ directory: record, serverVersion: version, logger });
    logger.info({ path: record }, 'connections are recorded, including the prompts that people type');
    return { server: { taps: [recorder.tap] }, parts: [recorder] };
  }
  if (replay === undefined) return { server: {}, parts: [] };
  const recordings = await findRecordings(replay, logger);
  logger.info(
    { path: replay, recordings: recordings.length, speed },
    'connections are answered from recordings',
  );
  const replays = new Replays(recordings, { speed, logger });
  return { server: { replays }, parts: [replays] };
}
