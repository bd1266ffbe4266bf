import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../base/errors.ts';
import { RecentPrompts } from '../base/hide-prompts.ts';
import type { Logger } from '../base/log.ts';
import { makeWritableFolder } from '../base/writable-folder.ts';
import { loggedFrame, withoutPrompts } from './logged-frame.ts';

/** One JSONL file a session, as the wire contract gives it. */
export interface SessionLog {
  write(event: string, payload: Readonly<Record<string, unknown>>): void;
  /** Tells of a frame that was sent or received, under its type. */
  frame(frame: object): void;
  close(): void;
}

/** What an error repeats was asked for in the same session, and not long ago. */
const rememberedPrompts = 64;

const noLog: SessionLog = { write() {}, frame() {}, close() {} };

export interface SessionLogOptions {
  /** Unset: nothing is written. */
  readonly directory: string | undefined;
  /** Whether prompts are written; else their lengths are. */
  readonly prompts: boolean;
  readonly logger: Logger;
}

/** Makes the folder, or throws `start_failed`. The function that it gives opens one session's log. */
export async function prepareSessionLogs({
  directory,
  ...options
}: SessionLogOptions): Promise<(sessionId: string) => SessionLog> {
  if (directory === undefined) return () => noLog;
  await makeWritableFolder(directory, 'Session logs (streaming.session_log_dir)');
  return (sessionId) => openSessionLog(directory, sessionId, options);
}

function openSessionLog(
  directory: string,
  sessionId: string,
  { prompts, logger }: Omit<SessionLogOptions, 'directory'>,
): SessionLog {
  const path = join(directory, sessionLogName(sessionId));
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  stream.on('error', (error) => {
    logger.error({ path, error: errorMessage(error) }, 'session log cannot be written');
  });
  const recent = new RecentPrompts(rememberedPrompts);
  const write: SessionLog['write'] = (event, given) => {
    const payload = prompts ? given : withoutPrompts(given, recent);
    const line = { session_id: sessionId, event, ts: Date.now() / 1000, payload };
    if (stream.writable) stream.write(`${JSON.stringify(line)}\n`);
  };
  return {
    write,
    frame(frame) {
      const logged = loggedFrame(frame);
      if (logged) write(logged.event, logged.payload);
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
