import { z } from 'zod';
import { FastVideoError } from '../core/base/errors.ts';
import { stopSignal } from '../core/base/signals.ts';
import { runDashboard } from '../tui/run-dashboard.ts';
import { createHttpSource } from '../tui/source/http-source.ts';
import { readServerUrl } from '../tui/source/server-url.ts';
import type { CommandHandler } from './command-definition.ts';

/** Limit of one request; longer than any poll that still tells of the present. */
const timeoutMs = 5000;

const OptionsSchema = z.object({
  url: z.string(),
  interval: z.coerce.number().min(0.1).max(3600),
  apiKey: z.string().optional(),
  adminToken: z.string().optional(),
  json: z.boolean().default(false),
});

export const run: CommandHandler['run'] = async (options, _args, { exitNow }) => {
  const parsed = OptionsSchema.safeParse(options);
  if (!parsed.success) {
    throw new FastVideoError(
      'usage',
      `--interval ${options['interval']} is not a number of seconds from 0.1 to 3600.`,
    );
  }
  const { url, interval, json } = parsed.data;
  const source = createHttpSource({
    url: readServerUrl(url),
    apiKey: secret(parsed.data.apiKey, 'FASTVIDEO_API_KEY', '--api-key'),
    adminToken: secret(parsed.data.adminToken, 'FASTVIDEO_ADMIN_TOKEN', '--admin-token'),
    timeoutMs,
  });
  const stop = stopSignal(exitNow);
  const end = new AbortController();
  let signalled: number | undefined;
  void stop.received.then((code) => {
    signalled = code;
    end.abort();
  });
  try {
    const { stdin, stdout, env } = process;
    const code = await runDashboard({
      source,
      stdin,
      stdout,
      env,
      intervalMs: interval * 1000,
      signal: end.signal,
      json,
    });
    return signalled ?? code;
  } catch (error) {
    if (signalled !== undefined) throw new FastVideoError('interrupted', undefined, { cause: error });
    throw error;
  } finally {
    stop.dispose();
  }
};

/** An option, or the variable that stands for it; an empty one is none. */
function secret(option: string | undefined, variable: string, flag: string): string | undefined {
  const value = option ?? process.env[variable];
  if (value === undefined || value === '') return undefined;
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new FastVideoError(
    'usage',
    `${flag} (${variable}) contains a character that is not allowed in an HTTP header.`,
  );
}
