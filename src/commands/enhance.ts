import { FastVideoError } from '../core/base/errors.ts';
import { stopSignal } from '../core/base/signals.ts';
import type { PromptEnhancer } from '../core/prompts/enhancer.ts';
import type { CommandHandler } from './command-definition.ts';
import { buildEnhancer } from './enhance/build-enhancer.ts';
import { type EnhanceCommandOptions, readEnhanceOptions } from './enhance/enhance-command-options.ts';
import { enhanceLine, formatLine } from './enhance/enhance-line.ts';
import { EnhanceReport } from './enhance/enhance-report.ts';
import { type LineOutput, openLineOutput } from './pipe/line-output.ts';
import { mapInOrder } from './pipe/map-in-order.ts';
import { promptLines } from './pipe/prompt-lines.ts';

export const run: CommandHandler['run'] = async (options, args, { exitNow }) => {
  const asked = readEnhanceOptions(options);
  const lines = promptLines(args);
  const enhancer = await buildEnhancer(asked);
  const output = openLineOutput(process.stdout);
  const ended = new AbortController();
  const stop = stopSignal(exitNow);
  void stop.received.then(() => ended.abort(new FastVideoError('interrupted')));
  output.closed.addEventListener('abort', () => ended.abort(output.closed.reason), { once: true });
  try {
    await enhanceLines(asked, lines, enhancer, output, ended.signal);
    return 0;
  } finally {
    stop.dispose();
    await enhancer.close();
  }
};

async function enhanceLines(
  asked: EnhanceCommandOptions,
  lines: AsyncIterable<string>,
  enhancer: PromptEnhancer,
  output: LineOutput,
  signal: AbortSignal,
): Promise<void> {
  const report = await EnhanceReport.start();
  try {
    const results = mapInOrder(
      lines,
      asked.concurrency,
      (line, index, lineSignal) => enhanceLine(enhancer, asked, line, index, lineSignal),
      { signal },
    );
    for await (const result of results) {
      const line = formatLine(result, asked);
      if (line !== undefined) await output.write(line);
      report.done(result.error);
    }
    await output.end();
    report.finished(asked.onError === 'keep' ? 'kept unchanged' : 'omitted');
  } finally {
    report.stopped();
  }
}
