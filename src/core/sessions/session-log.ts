import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { makeWritableFolder } from '../base/writable-folder.ts';

/** One JSONL file a session, as the wire contract gives it. */
export interface SessionLog {
  write(event: string, payload: Readonly<Record<string, unknown>>): void;
  close(): void;
}

const noLog: SessionLog = { write() {}, close() {} };

/** Makes the folder, or throws `start_failed`. The function that it gives opens one session's log; without a folder nothing is written. */
export async function prepareSessionLogs(
  directory: string | undefined,
  logger: Logger,
): Promise<(sessionId: string) => SessionLog> {
  if (directory === undefined) return () => noLog;
  await makeWritableFolder(directory, 'Session logs (streaming.session_log_dir)');
  return (sessionId) => openSessionLog(directory, sessionId, logger);
}

function openSessionLog(directory: string, sessionId: string, logger: Logger): SessionLog {
  const path = join(directory, sessionLogName(sessionId));
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  stream.on('error', (error) => {
    logger.error({ path, error: errorMessage(error) }, 'session log cannot be written');
  });
  return {
    write(event, payload) {
      const line = { session_id: sessionId, event, ts: Date.now() / 1000, payload };
      if (stream.writable) stream.write(`${JSON.stringify(line)}\n`);
    },
    close() {
      stream.end();
    },
  };
}

/** Characters outside `A-Za-z0-9._-` become `_`, so that no id leaves the folder. */
export function sessionLogName(sessionId: string): string {
  return `session-${sessionId.replace(/[^A-Za-z0-9._-]/g, '_')}.jsonl`;
}
