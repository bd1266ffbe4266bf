import type { SafetyDecision, SafetyFilter } from '../../core/safety/safety-filter.ts';
import type { LineOutput } from '../pipe/line-output.ts';
import { mapInOrder } from '../pipe/map-in-order.ts';
import { lineGroups } from './line-groups.ts';
import type { SafetyCheckOptions } from './safety-check-options.ts';
import type { SafetyCheckReport } from './safety-check-report.ts';

/** Groups at work at once: enough that the classifiers never wait for us. */
const groupsAtOnce = 4;

/** Checks the lines and writes what is asked for, in their order. Throws the signal's reason. */
export async function checkLines(
  options: SafetyCheckOptions,
  lines: AsyncIterator<string>,
  filter: SafetyFilter,
  output: LineOutput,
  report: SafetyCheckReport,
  signal: AbortSignal,
): Promise<void> {
  const groups = mapInOrder(
    lineGroups(lines, options.batch),
    groupsAtOnce,
    async (group, _, groupSignal) => ({ group, decisions: await filter.check(group, groupSignal) }),
    { signal },
  );
  for await (const { group, decisions } of groups) {
    const written: string[] = [];
    let stop = false;
    for (const [index, line] of group.entries()) {
      const decision = decisions[index];
      if (!decision) throw new Error('The filter returned fewer decisions than prompts.');
      const passes = isAllowed(decision, options);
      report.checked(decision, passes);
      if (!options.pass) written.push(JSON.stringify({ prompt: line, ...decision }));
      else if (passes) written.push(line);
      stop = options.failFast && !passes;
      if (stop) break;
    }
    if (written.length > 0) await output.write(written.join('\n'));
    if (stop) break;
  }
  await output.end();
}

function isAllowed({ decision }: SafetyDecision, { onUnavailable }: SafetyCheckOptions): boolean {
  return decision === 'allow' || (decision === 'unavailable' && onUnavailable === 'allow');
}
