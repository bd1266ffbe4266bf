import { type Logger, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { LogDestination } from './log-destination.ts';
import { withoutSteering } from './terminal-text.ts';

export type { Logger } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields that hold what people typed or secrets; never written unless the level is `debug` or lower. */
const privateFields = ['prompt', 'prompts', 'negative_prompt', 'api_key', 'resume_token', 'authorization'];

/** A pino log on stderr: one JSON object a line, or readable lines on a terminal. stdout is for data only. */
export function createLogger(options: { readonly level: LogLevel; readonly name?: string }): Logger {
  const showPrivate = options.level === 'debug' || options.level === 'trace';
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
      level: options.level,
      base: { pid: process.pid, ...(options.name === undefined ? {} : { name: options.name }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      ...(showPrivate ? {} : { redact: { paths: privateFields, censor: '[redacted]' } }),
    },
    destination,
  );
}
