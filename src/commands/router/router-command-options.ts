import { z } from 'zod';
import { type Override, parseOverrides } from '../../core/base/config/overrides.ts';
import { FastVideoError } from '../../core/base/errors.ts';

const OptionsSchema = z.object({
  config: z.string().optional(),
  host: z.string().optional(),
  port: z.string().optional(),
  printConfig: z.boolean().default(false),
  check: z.boolean().default(false),
  verbose: z.boolean().default(false),
});

export interface RouterCommandOptions {
  readonly configPath: string | undefined;
  readonly overrides: readonly Override[];
  readonly printConfig: boolean;
  readonly check: boolean;
  readonly verbose: boolean;
}

/** What was typed, the short options turned into the config keys that they stand for. Throws `usage`. */
export function readRouterOptions(
  options: Readonly<Record<string, unknown>>,
  args: readonly string[],
): RouterCommandOptions {
  const { config, host, port, printConfig, check, verbose } = OptionsSchema.parse(options);
  const { overrides, rest } = parseOverrides(args);
  if (rest.length > 0) {
    const hint = 'see "fastvideo router --help"; a config key is written --router.key value';
    throw new FastVideoError('usage', `Unexpected argument "${rest[0]}"; ${hint}.`);
  }
  const aliases: Override[] = [];
  if (host !== undefined) aliases.push({ option: '--host', path: ['router', 'host'], raw: host });
  if (port !== undefined) aliases.push({ option: '--port', path: ['router', 'port'], raw: port });
  return { configPath: config, overrides: [...aliases, ...overrides], printConfig, check, verbose };
}
