import { once } from 'node:events';
import { errorMessage, FastVideoError } from '../core/base/errors.ts';
import { statusJson, statusTable } from './print-status.ts';
import type { StatusSource } from './source/status-source.ts';

export interface DashboardOptions {
  readonly source: StatusSource;
  /** Keys are read where it is a terminal. */
  readonly stdin: NodeJS.ReadStream;
  /** A terminal gets the live picture; anything else one plain table. */
  readonly stdout: NodeJS.WriteStream;
  /** Time between the starts of two polls. */
  readonly intervalMs: number;
  /** `NO_COLOR` and `TERM` are read. */
  readonly env: NodeJS.ProcessEnv;
  /** Ends the dashboard with exit code 0. */
  readonly signal?: AbortSignal;
  /** Prints the status once, as JSON. */
  readonly json?: boolean;
}

/**
 * Shows the status of the source until `q`, Ctrl-C or the signal, and gives the exit code. While it has the terminal
 * nothing else may write to it. Rejects with the error of the source when there is nothing to show: one read where it
 * prints once; on a terminal an error that is not retryable before any status came. The terminal is restored always.
 */
export async function runDashboard(options: DashboardOptions): Promise<number> {
  const { source, stdout, json = false, env } = options;
  if (json || !stdout.isTTY || env['TERM'] === 'dumb') {
    const status = await readOnce(options);
    const text = json ? statusJson(status) : statusTable(source.label, status);
    if (!stdout.write(text)) await once(stdout, 'drain');
    return 0;
  }
  // React's development build, the default, keeps a record of every render for as long as the process lives.
  process.env['NODE_ENV'] ??= 'production';
  const { showLive } = await import('./live-dashboard.tsx');
  await showLive(options);
  return 0;
}

async function readOnce({ source, signal = new AbortController().signal }: DashboardOptions) {
  try {
    return await source.read(signal);
  } catch (error) {
    if (error instanceof FastVideoError && error.code !== 'upstream_timeout') throw error;
    const text = `${source.label} cannot be reached: ${errorMessage(error)}.`;
    throw new FastVideoError('upstream_timeout', text, { cause: error });
  }
}
