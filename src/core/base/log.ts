import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields that hold what people typed or secrets; never written unless the level is `debug` or lower. */
const privateFields = ['prompt', 'prompts', 'negative_prompt', 'api_key', 'resume_token', 'authorization'];

/** A pino log on stderr: one JSON object a line, or readable lines on a terminal. stdout is for data only. */
export function createLogger(options: { readonly level: LogLevel; readonly name?: string }): Logger {
  const showPrivate = options.level === 'debug' || options.level === 'trace';
  const destination = process.stderr.isTTY
    ? pretty({
        destination: 2,
        sync: true,
        colorize: process.env['NO_COLOR'] === undefined,
        ignore: 'pid,hostname',
        translateTime: 'SYS:HH:MM:ss.l',
      })
    : pino.destination({ fd: 2, sync: true });
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
