import { FastVideoError } from '../../core/base/errors.ts';
import type { StreamServer } from '../../core/server/stream-server.ts';

const pollMs = 500;

/** Throws `usage` where there is no terminal to draw on. */
export function checkDashboardTerminal(stdout: NodeJS.WriteStream): void {
  if (stdout.isTTY) return;
  const remedy = 'remove it, or watch from another terminal with "fastvideo dashboard --url URL"';
  throw new FastVideoError('usage', `--dashboard needs a terminal on stdout; ${remedy}.`);
}

/** Shows the server of this very process until it is left with `q` or the signal aborts; gives the exit code. */
export async function showDashboard(
  server: StreamServer,
  { signal, drain }: { readonly signal: AbortSignal; readonly drain: () => void },
): Promise<number> {
  const { runDashboard } = await import('../../tui/run-dashboard.ts');
  const { stdin, stdout, env } = process;
  return await runDashboard({
    source: {
      label: server.url,
      read: async () => server.status(),
      drain: async () => drain(),
    },
    stdin,
    stdout,
    env,
    intervalMs: pollMs,
    signal,
  });
}
