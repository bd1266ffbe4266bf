import { errorTable } from '../core/base/error-table.ts';
import { FastVideoError } from '../core/base/errors.ts';
import { stopSignal } from '../core/base/signals.ts';
import { createSafetyFilter } from '../core/safety/create-safety-filter.ts';
import type { CommandHandler } from './command-definition.ts';
import { openLineOutput } from './pipe/line-output.ts';
import { promptLines } from './pipe/prompt-lines.ts';
import { checkLines } from './safety-check/check-lines.ts';
import { readSafetyCheckOptions, type SafetyCheckOptions } from './safety-check/safety-check-options.ts';
import { SafetyCheckReport } from './safety-check/safety-check-report.ts';

/** Exit code 3 when a prompt was blocked, else 1 when one was held back because it could not be checked. */
export const run: CommandHandler['run'] = async (options, args, { exitNow }) => {
  const asked = readSafetyCheckOptions(options, args, process.env);
  const lines = promptLines(args);
  const ended = new AbortController();
  const stop = stopSignal(exitNow);
  void stop.received.then(() => ended.abort(new FastVideoError('interrupted')));
  const output = openLineOutput(process.stdout);
  output.closed.addEventListener('abort', () => ended.abort(output.closed.reason), { once: true });
  try {
    const report = await check(asked, lines, output, ended.signal);
    if (report.blocked > 0) return errorTable.prompt_blocked.exitCode;
    return report.heldBack > 0 ? 1 : 0;
  } finally {
    stop.dispose();
  }
};

async function check(
  asked: SafetyCheckOptions,
  lines: AsyncIterator<string>,
  output: ReturnType<typeof openLineOutput>,
  signal: AbortSignal,
): Promise<SafetyCheckReport> {
  const { classifiers, batch: batchSize, timeoutMs } = asked;
  const filter = await createSafetyFilter({ classifiers, batchSize, timeoutMs, signal });
  const report = await SafetyCheckReport.start();
  try {
    await checkLines(asked, lines, filter, output, report, signal);
    report.finished(asked.pass);
    return report;
  } finally {
    report.stopped();
    await filter.close();
  }
}
