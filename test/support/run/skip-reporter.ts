import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Tells at the end which tests were skipped, why, and what would let them run. With `CI=true` a skip fails the run. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const reasons = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const reason = reasonOf(test);
        // What `-t` leaves out was not asked for.
        if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, count] of reasons) {
      console.log(`SKIPPED ${count} ${count === 1 ? 'test' : 'tests'}: ${reason}`);
    }
    if (reasons.size > 0 && process.env['CI'] === 'true') {
      console.log('With CI=true no test may be skipped.');
      process.exitCode = 1;
    }
  }
}

function reasonOf(test: TestCase): string | undefined {
  const { skipped } = test.meta();
  if (skipped !== undefined) return skipped;
  if (test.project.config.testNamePattern) return undefined;
  return `no reason is given in ${test.module.relativeModuleId}`;
}
