import { z } from 'zod';
import { type Override, parseOverrides } from '../../core/base/config/overrides.ts';
import { FastVideoError } from '../../core/base/errors.ts';
import type { RecordingOptions } from './open-recordings.ts';

export type ServerCommand = 'serve' | 'mock';

const OptionsSchema = z.object({
  config: z.string().optional(),
  host: z.string().optional(),
  port: z.string().optional(),
  sleepMs: z.string().optional(),
  scenario: z.string().optional(),
  static: z.string().optional(),
  record: z.string().optional(),
  replay: z.string().optional(),
  replaySpeed: z.string().optional(),
  printConfig: z.boolean().default(false),
  check: z.boolean().default(false),
  open: z.boolean().default(false),
  dashboard: z.boolean().default(false),
  verbose: z.boolean().default(false),
});

export interface ServerCommandOptions {
  readonly configPath: string | undefined;
  readonly overrides: readonly Override[];
  readonly printConfig: boolean;
  readonly check: boolean;
  readonly open: boolean;
  readonly dashboard: boolean;
  readonly verbose: boolean;
  readonly recording: RecordingOptions;
}

/** What was typed, the short options turned into the config keys that they stand for. Throws `usage`. */
export function readServerOptions(
  command: ServerCommand,
  options: Readonly<Record<string, unknown>>,
  args: readonly string[],
): ServerCommandOptions {
  const parsed = OptionsSchema.parse(options);
  const { config, host, port, sleepMs, printConfig, check, open, dashboard, verbose } = parsed;
  const { overrides, rest } = parseOverrides(args);
  if (rest.length > 0) {
    const hint = `see "fastvideo ${command} --help"; a config key is written --section.key value`;
    throw new FastVideoError('usage', `Unexpected argument "${rest[0]}"; ${hint}.`);
  }
  const aliases = [
    { option: '--host', path: ['server', 'host'], raw: host },
    { option: '--port', path: ['server', 'port'], raw: port },
    { option: '--static', path: ['server', 'static_dir'], raw: parsed.static },
    { option: '--sleep-ms', path: ['mock', 'sleep_ms'], raw: sleepMs },
    { option: '--scenario', path: ['mock', 'scenario'], raw: parsed.scenario },
  ].flatMap(({ raw, ...alias }) => (raw === undefined ? [] : [{ ...alias, raw }]));
  return {
    configPath: config,
    overrides: [...aliases, ...overrides],
    printConfig,
    check,
    open,
    dashboard,
    verbose,
    recording: readRecordingOptions(parsed),
  };
}

function readRecordingOptions({
  record,
  replay,
  replaySpeed,
}: z.infer<typeof OptionsSchema>): RecordingOptions {
  if (record !== undefined && replay !== undefined) {
    throw new FastVideoError('usage', '--record and --replay exclude each other; set only one of them.');
  }
  if (replaySpeed !== undefined && replay === undefined) {
    throw new FastVideoError('usage', '--replay-speed needs --replay.');
  }
  const speed = Number(replaySpeed?.trim() || Number.NaN);
  if (replaySpeed !== undefined && !(speed >= 0 && Number.isFinite(speed))) {
    const known = 'a number of at least 0 (1 is as recorded, 2 twice as fast, 0 without pauses)';
    throw new FastVideoError('usage', `--replay-speed "${replaySpeed}" is not ${known}.`);
  }
  return { record, replay, replaySpeed: replaySpeed === undefined ? 1 : speed };
}
