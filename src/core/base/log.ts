import { type Logger, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { RecentPrompts } from './hide-prompts.ts';
import { LogDestination } from './log-destination.ts';
import { withoutSteering } from './terminal-text.ts';

export type { Logger } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields that hold what people typed. */
const promptFields = ['prompt', 'prompts', 'negative_prompt'];
const secretFields = ['api_key', 'resume_token', 'authorization'];
/** Fields that hold what others wrote: workers, models and libraries, which may repeat a prompt. */
const foreignFields = ['line', 'error', 'reason', 'notice', 'stack'];

export interface LogOptions {
  readonly level: LogLevel;
  readonly name?: string;
  /** Whether prompts are written; default false. At the level `debug` and below they are, and secrets too. */
  readonly showPrompts?: boolean;
  /** Prompts that are hidden where others repeat them. */
  readonly prompts?: RecentPrompts;
}

/** A pino log on stderr: one JSON object a line, or readable lines on a terminal. stdout is for data only. */
export function createLogger({ level, name, showPrompts, prompts }: LogOptions): Logger {
  const showPrivate = level === 'debug' || level === 'trace';
  const hidesPrompts = !showPrivate && showPrompts !== true;
  const hide = (value: unknown) => (typeof value === 'string' ? prompts?.hide(value) : undefined) ?? value;
  const stderr = new LogDestination(2);
  const readable = prettyFactory({
    colorize: process.env['NO_COLOR'] === undefined,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
  });
  const destination = process.stderr.isTTY
    ? // Twice, because what is made readable has been parsed.
      { write: (line: string) => stderr.write(String(readable(withoutSteering(line, '\\\\')))) }
    : { write: (line: string) => stderr.write(withoutSteering(line)) };
  return pino(
    {
      level,
      base: { pid: process.pid, ...(name === undefined ? {} : { name }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      ...(showPrivate
        ? {}
        : {
            redact: { paths: [...secretFields, ...(hidesPrompts ? promptFields : [])], censor: '[redacted]' },
          }),
      ...(hidesPrompts ? { serializers: Object.fromEntries(foreignFields.map((key) => [key, hide])) } : {}),
    },
    destination,
  );
}
